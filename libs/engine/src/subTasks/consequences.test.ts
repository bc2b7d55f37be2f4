import { expect, test } from 'vitest'
import { mostHere } from './consequences.ts'

test.each([
	['all of fifty have ended in one group: half', [{ free: 50, busy: 0 }], 25],
	['of an odd number one more', [{ free: 9, busy: 0 }], 5],
	['half of them are under way elsewhere: all', [{ free: 25, busy: 25 }], 25],
	['nearly all of them have ended: half', [{ free: 40, busy: 10 }], 20],
	['too few for a trip: all', [{ free: 7, busy: 0 }], 7],
	[
		'several families go on in step too',
		[
			{ free: 6, busy: 0 },
			{ free: 6, busy: 1 },
		],
		6,
	],
	[
		'another family keeps the process busy: all',
		[
			{ free: 10, busy: 0 },
			{ free: 0, busy: 20 },
		],
		10,
	],
	['nothing may begin', [{ free: 0, busy: 0 }], 0],
])('of sub-tasks that begin in the place of others, so many do here: %s', (_, news, most) => {
	expect(mostHere(news)).toBe(most)
})
