/** What `npm run bench` is told on its command line. */

export interface BenchArguments {
	readonly name: string
	/** Fewer rounds: done within five minutes. */
	readonly quick: boolean
	/** Where the cases are written as JSON. */
	readonly json: string | null
}

/**
 * @param words the words after `npm run bench --`
 * @param names the benches that there are
 * @throws with a message for whoever typed it
 */
export function parseArguments(words: readonly string[], names: readonly string[]): BenchArguments {
	const usage = `Usage: npm run bench -- NAME [--quick] [--json FILE], NAME one of ${names.join(', ')}.`
	let name: string | null = null
	let quick = false
	let json: string | null = null
	for (let place = 0; place < words.length; place++) {
		const word = words[place] as string
		if (word === '--quick') quick = true
		else if (word === '--json') {
			const file = words[++place]
			if (file === undefined || file.startsWith('--')) throw new Error(`--json is not followed by the name of a file. ${usage}`)
			json = file
		} else if (word.startsWith('-')) throw new Error(`${word} is not an option of the bench. ${usage}`)
		else if (name !== null) throw new Error(`"${word}" is one name too many: "${name}" was named already. ${usage}`)
		else name = word
	}
	if (name === null) throw new Error(`No bench is named. ${usage}`)
	if (!names.includes(name)) throw new Error(`There is no bench "${name}". ${usage}`)
	return { name, quick, json }
}
