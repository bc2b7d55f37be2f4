/** Task types whose authors handle secrets, and let them slip; what their code is given is told. */

import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { suspend } from '@taskyard/sdk/suspend'
import { z } from 'zod'

const secret = z.string().meta({ sensitive: true })

/** What author code was given. */
export const given: unknown[] = []

const connect = defineAction({
	label: 'Sensitive/connect',
	input: z.object({
		url: z.string(),
		login: z.object({ user: z.string(), password: secret }).optional(),
		tokens: z.array(secret).default([]),
	}),
	output: z.object({ session: secret, host: z.string(), grant: z.object({ key: z.string(), days: z.number() }).meta({ sensitive: true }) }),
	async run(input, context) {
		given.push(input)
		await context.log(`connects to ${input.url}\nwith ${input.login?.password} ${input.tokens.join()}`)
		context.progress({ done: 1, total: 2, unit: input.url })
		if (input.url.includes('fail')) {
			throw new Failure(`${input.url} refuses ${input.login?.password}`, { code: 'no', retryable: false, details: { tried: [input.url] } })
		}
		return { session: 'session-5f3a', host: 'h', grant: { key: 'grant-77', days: 4711 } }
	},
	revert: (input, output) => void given.push({ reverted: output.session, input }),
})
const use = defineAction({
	label: 'Sensitive/use',
	input: z.object({ session: z.string(), key: z.string(), host: z.string(), days: z.number() }),
	async run(input, context) {
		given.push(input)
		await context.log(`uses ${input.session} and ${input.key} on ${input.host}`)
		return `${input.session} was used`
	},
})

const deploy = defineTask({
	label: 'Sensitive::Deploy',
	name: 'Deploy {host} as {login.user}/{login.password}',
	input: z.object({
		host: z.string(),
		login: z.object({ user: z.string(), password: secret }),
		pin: z.number().meta({ sensitive: true }).optional(),
		extra: z.union([secret, z.object({ token: secret })]).optional(),
		environment: z.record(z.string(), secret).optional(),
		list: z.array(secret).optional(),
	}),
	output: z.object({ message: z.string(), session: secret, host: z.string() }),
	actions: [connect, use],
	plan(plan, input) {
		const { user, password } = input.login
		if (input.host === 'none') throw new Error(`no host for ${password}`)
		plan.name(`Deploy ${input.host} with ${password}`)
		plan.lock({ type: 'Host', id: `${input.host}/${password}`, title: `title ${password}` }, { name: `op ${password}` })
		plan.link({ type: 'Login', id: `of ${password}` })
		const one = plan.step(
			connect,
			{ url: `https://${user}:${password}@${input.host}`, login: input.login, tokens: Object.values(input.environment ?? {}) },
			{ name: `connect with ${password}` },
		)
		const { session, grant, host } = one.output
		const two = plan.step(use, { session, key: grant.key, days: grant.days, host })
		return { message: two.output as never, session, host }
	},
})

const back = defineTask({
	label: 'Sensitive::Back',
	input: z.object({ password: secret }),
	actions: [connect],
	plan(plan, { password }) {
		plan.step(connect, { url: 'ok', login: { user: 'u', password } })
		plan.step(connect, { url: `fail ${password}`, login: { user: 'u', password } }, { rescue: 'revert' })
	},
})

const single = defineTask({
	label: 'Sensitive::Single',
	input: z.object({ secret }),
	output: z.object({ twice: z.string().meta({ sensitive: true }), plain: z.string() }),
	run: ({ secret: value }, context) => {
		given.push(value)
		return { twice: `${value}${value}`, plain: `x${context.attempt}` }
	},
})

const parent = defineTask({
	label: 'Sensitive::Parent',
	input: z.object({ secret }),
	async run({ secret: value }, { tasks }) {
		const answer = await tasks.run(single, { secret: value })
		given.push(answer)
		await tasks.run(echo, { words: ['x', `in ${value}`], n: 1 })
	},
})
const echo = defineTask({
	label: 'Sensitive::Echo',
	name: 'Echo {words}',
	input: z.object({ words: z.array(z.string()), n: z.number() }),
	run: ({ words }, context) => {
		given.push(words)
		return context.log(words.join())
	},
})
const makes = defineTask({
	label: 'Sensitive::Makes',
	input: z.object({}),
	output: z.object({ token: secret }),
	run() {
		given.push('made')
		return { token: 'token-made-here' }
	},
})
const forged = defineTask({
	label: 'Sensitive::Forged',
	input: z.object({}),
	run: () => ({ a: [{ $sensitive: { key: 'first', text: 'QQ==' } }] }),
})

const fan = defineTask({
	label: 'Sensitive::Fan',
	input: z.object({ secret }),
	run: ({ secret: value }, context) =>
		context.fanOut(
			echo,
			[1, 2].map((n) => ({ words: [`fan ${value}`], n })),
		),
})
const waits = defineTask({
	label: 'Sensitive::Waits',
	input: z.object({ secret }),
	output: z.object({ token: secret, plain: z.string() }),
	run({ secret: value }, { wake, attempt }) {
		given.push(wake)
		return suspend({
			state: { kept: `state of ${value}`, attempt },
			externalId: `job-${value}`,
			externalUrl: `https://${value}@elsewhere/`,
		})
	},
})
const polls = defineTask({
	label: 'Sensitive::Polls',
	input: z.object({ secret }),
	run: ({ secret: value }) => suspend({ state: { at: value }, poll: { initial: 1, max: 4 } }),
	poll({ secret: value }, state, context) {
		given.push(state)
		return context.attempt < 5 ? suspend({ state: { at: value } }) : 'done'
	},
})

export const secretTypes = [deploy, back, single, parent, echo, makes, forged, fan, waits, polls]

/** Quotes and backslashes, for those who look for it in JSON. */
export const password = 'hunter2-ß"\\'
export const input = {
	host: 'db-1',
	login: { user: 'root', password },
	pin: 924711,
	extra: { token: 'extra-token' },
	environment: { A: 'value-of-A', B: 'value-of-B' },
	list: ['item-one', 'item-two'],
}
/** What is secret of the input, and of what steps make. */
export const planted = [password, 'hunter2', '924711', 'extra-token', 'value-of-A', 'value-of-B', 'item-one', 'item-two']
export const made = ['session-5f3a', 'grant-77', '4711']
