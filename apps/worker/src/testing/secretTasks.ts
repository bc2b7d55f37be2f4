/** Task types of an author who handles secrets, and lets them slip wherever code can. */

import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { z } from 'zod'

const secret = z.string().meta({ sensitive: true })
const login = z.object({ user: z.string(), password: secret, keys: z.array(secret) })

const slip = defineAction({
	label: 'Secret/slip',
	input: z.object({ login, url: z.string() }),
	output: z.object({ token: secret, visible: z.string() }),
	async run({ login: { password, keys }, url }, context) {
		await context.log(`visible line: ${url} with ${password} and ${keys.join()}`)
		context.progress({ done: 1, total: 2, unit: `visible unit ${password}` })
		void Promise.reject(new Error(`visible rejection of ${password}`))
		await context.tasks.run(inner, { words: `visible words and ${password}`, key: keys[0] ?? '' })
		// Its progress is to be seen before it ends.
		while (!existsSync(`${process.env['DATA_DIRECTORY']}/seen`)) await delay(20)
		return { token: `made-of-${password}`, visible: 'visible output' }
	},
})

const fail = defineAction({
	label: 'Secret/fail',
	input: z.object({ token: z.string(), stray: z.boolean() }),
	async run({ token, stray }) {
		if (stray) {
			setTimeout(() => {
				throw new Error(`visible stray ${token}`)
			}, 1)
			await delay(60_000, undefined, { ref: false })
		}
		throw new Failure(`visible failure with ${token}`, { details: { visible: [token] }, cause: new Error(`because of ${token}`) })
	},
})

const inner = defineTask({
	label: 'Secret::Inner',
	name: 'Inner {words}',
	input: z.object({ words: z.string(), key: z.string() }),
	run: ({ words, key }, context) => context.log(`visible inner: ${words}, ${key}`),
})

const outer = defineTask({
	label: 'Secret::Outer',
	name: 'visible name of {login.user} with {login.password}',
	input: z.object({ login, stray: z.boolean() }),
	actions: [slip, fail],
	plan(plan, { login: given, stray }) {
		const { password } = given
		plan.lock({ type: 'Host', id: `visible-host-${String(stray)}-${password}` }, { name: `op-${password}` })
		const one = plan.step(slip, { login: given, url: `https://u:${password}@h` }, { name: `visible step with ${password}` })
		plan.step(fail, { token: one.output.token, stray }, { name: 'fail' })
	},
})

export const tasks = [outer, inner]
