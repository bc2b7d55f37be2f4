import { expect, it } from 'vitest'
import { checkAgainst } from '../taskTypes/checkInput.ts'
import { inputMessage, readInput } from './readInput.ts'

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
const side = (levels: number): string => `{"a\\"[":"${'[\\\\'.repeat(300)}","b":${nested(levels - 1)}}`

it.each([
	['200 levels', nested(200), null],
	['201 levels', nested(201), 'its lists and objects are nested more than 200 levels deep. Make it flatter.'],
	['as many as fit', nested(500_000), 'its lists and objects are nested more than 200 levels deep. Make it flatter.'],
	['many beside each other', `[${Array(300).fill('[]').join(',')}]`, null],
	['brackets in texts', side(200), null],
	['brackets in texts, and too deep', side(201), 'its lists and objects are nested more than 200 levels deep. Make it flatter.'],
])('an input of %s', (_, text, fault) => {
	const read = readInput(text)
	expect('fault' in read ? read.fault.message : null).toBe(fault)
})

it('names twenty faults in a sentence, and a thousand beside it', () => {
	const faults = checkAgainst({ type: 'array', items: { type: 'object' } })(Array(5_000).fill(1))
	expect(faults).toHaveLength(1_000)
	expect(faults.at(-1)).toEqual({ path: '/999', message: 'must be object' })
	expect(inputMessage('A::B', faults)).toMatch(
		/^The input does not fit A::B: \/0 must be object; .*\/19 must be object; and 980 faults more\.$/,
	)
	expect(inputMessage('A::B', faults.slice(0, 2))).toBe('The input does not fit A::B: /0 must be object; /1 must be object.')
})
