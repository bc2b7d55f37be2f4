/** Sequences in which the engine once went elsewhere, each by the name of what it did. */

import { orderStart, sequence, shaped, step } from './build.ts'
import type { Order } from './orders.ts'

export const regressions: readonly { readonly name: string; readonly orders: readonly Order[] }[] = [
	{
		name: 'a pause asked while the last step fails paused the task again after its resume',
		orders: [
			orderStart(shaped(step({ run: ['badly', 'well'] }))),
			{ act: 'pause', pick: 1 },
			{ act: 'letEnd', pick: 1 },
			{ act: 'resume', pick: 1 },
		],
	},
	{
		name: 'a resume left a step between two tries with those it had used',
		orders: [
			orderStart(shaped(step({ run: ['badly'], tries: 2 }))),
			{ act: 'letEnd', pick: 1 },
			{ act: 'pause', pick: 1 },
			{ act: 'resume', pick: 1 },
			{ act: 'passHours', hours: 1 },
			{ act: 'letEnd', pick: 1 },
		],
	},
	{
		name: 'a revert after a finalize that used up its tries had none of its own',
		orders: [
			orderStart(shaped(step({ held: false, finalize: ['badly'], revert: ['well', 'badly'], tries: 2, rescue: 'revert' }))),
			{ act: 'passHours', hours: 1 },
			{ act: 'passHours', hours: 1 },
		],
	},
	{
		name: 'a revert did not get the output of a step whose finalize had failed',
		orders: [
			orderStart(
				shaped(
					sequence(step({ held: false, finalize: ['well', 'badly'], rescue: 'revert' }), step({ held: false, revert: ['well'], needs: 0 })),
				),
			),
		],
	},
]
