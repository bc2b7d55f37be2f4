/** What `npm run bench` is told on its command line. */

export interface BenchArguments {
	readonly name: string
	/** One round of each case, and fewer trials before it: done within ten minutes. */
	readonly quick: boolean
	/** The cases to measure, by their short names. Empty: all of them. */
	readonly cases: readonly string[]
	/** Where the cases are written as JSON. */
	readonly json: string | null
	/** A directory for the CPU profiles of our processes, which run slower then. */
	readonly profile: string | null
}

/**
 * @param words the words after `npm run bench --`
 * @param benches the benches that there are, each with the short names of its cases
 * @throws with a message for whoever typed it
 */
export function parseArguments(words: readonly string[], benches: Readonly<Record<string, readonly string[]>>): BenchArguments {
	const names = Object.keys(benches)
	const usage = `Usage: npm run bench -- NAME [--quick] [--case CASE]… [--json FILE] [--profile DIRECTORY], NAME one of ${names.join(', ')}.`
	const following = (place: number, what: string): string => {
		const word = words[place]
		if (word === undefined || word.startsWith('--')) throw new Error(`${words[place - 1]} is not followed by ${what}. ${usage}`)
		return word
	}
	let name: string | null = null
	let quick = false
	const cases: string[] = []
	let json: string | null = null
	let profile: string | null = null
	for (let place = 0; place < words.length; place++) {
		const word = words[place] as string
		if (word === '--quick') quick = true
		else if (word === '--json') json = following(++place, 'the name of a file')
		else if (word === '--profile') profile = following(++place, 'the name of a directory')
		else if (word === '--case') cases.push(following(++place, 'the name of a case'))
		else if (word.startsWith('-')) throw new Error(`${word} is not an option of the bench. ${usage}`)
		else if (name !== null) throw new Error(`"${word}" is one name too many: "${name}" was named already. ${usage}`)
		else name = word
	}
	if (name === null) throw new Error(`No bench is named. ${usage}`)
	const known = benches[name]
	if (!known) throw new Error(`There is no bench "${name}". ${usage}`)
	const unknown = cases.find((one) => !known.includes(one))
	if (unknown !== undefined) throw new Error(`The bench "${name}" has no case "${unknown}", only ${known.join(', ')}. ${usage}`)
	return { name, quick, cases, json, profile }
}
