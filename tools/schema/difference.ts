/** The lines in which two texts differ, `-` for those of the first alone and `+` for those of the second, with their place. Empty: none. */
export function difference(before: string, after: string): string[] {
	const [a, b] = [before.split('\n'), after.split('\n')]
	// common[i][j]: length of the longest common subsequence of a from i on and b from j on.
	const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
	const at = (i: number, j: number) => common[i]?.[j] ?? 0
	for (let i = a.length - 1; i >= 0; i--) {
		const row = common[i]
		if (!row) continue
		for (let j = b.length - 1; j >= 0; j--) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
	}
	const lines: string[] = []
	for (let i = 0, j = 0; i < a.length || j < b.length; ) {
		if (i < a.length && j < b.length && a[i] === b[j]) {
			i++
			j++
		} else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
			lines.push(`${i + 1}: - ${a[i]}`)
			i++
		} else {
			lines.push(`${j + 1}: + ${b[j]}`)
			j++
		}
	}
	return lines
}
