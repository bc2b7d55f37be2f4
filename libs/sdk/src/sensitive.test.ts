import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from './defineAction.ts'
import { defineTask } from './defineTask.ts'
import { Failure } from './failure.ts'
import { runInMemory } from './runInMemory.ts'
import { jsonSchemaOf } from './schema.ts'

const secret = z.string().meta({ sensitive: true })

describe('marked is', () => {
	it.each<[string, z.ZodType, object]>([
		['a field', z.object({ a: secret }), { properties: { a: { sensitive: true } } }],
		['with a default and checks', z.object({ a: secret.min(3).optional().default('xyz') }), { properties: { a: { sensitive: true } } }],
		['a choice', z.object({ a: z.union([secret, z.number()]) }), { properties: { a: { anyOf: [{ sensitive: true }, {}] } } }],
		['each of a list', z.array(secret), { items: { sensitive: true } }],
		['each of a record', z.record(z.string(), secret), { additionalProperties: { sensitive: true } }],
		['a whole object', z.object({ a: z.string() }).meta({ sensitive: true }), { sensitive: true }],
		['a transform', z.object({ a: secret.transform((text) => text.length).pipe(z.number()) }), { properties: { a: { sensitive: true } } }],
		['what a pipe gives', z.object({ a: z.string().pipe(secret) }), { properties: { a: { sensitive: true } } }],
		['a big integer', z.object({ a: z.coerce.bigint().meta({ sensitive: true }) }), { properties: { a: { sensitive: true } } }],
	])('%s', (_, schema, marked) => {
		expect(jsonSchemaOf(schema, 'input', 'Test')).toMatchObject(marked)
	})

	test('never a key', () => {
		expect(() => jsonSchemaOf(z.object({ a: z.record(secret, z.string()) }), 'input', 'Test')).toThrow(
			'Test, input.a: keys cannot be kept secret; mark the whole record as sensitive',
		)
	})
})

describe('what stands where everybody reads it is refused when it is made of a sensitive field', () => {
	const type = (options: object) => () =>
		defineTask({
			label: 'Test',
			input: z.object({ password: secret, login: z.object({ user: z.string(), pin: secret }), plain: z.string() }),
			run: () => {},
			...options,
		})
	it.each([
		[
			'id of a lock',
			{ locks: [{ resource: { type: 'Host', id: '{password}' } }] },
			'lock on Host: “{password}” is made of the sensitive field',
		],
		['id with more around it', { locks: [{ resource: { type: 'Host', id: 'x-{login}' } }] }, 'the sensitive field {login}'],
		['name of a lock', { locks: [{ resource: { type: 'Host', id: '{plain}' }, name: '{login.pin}' }] }, 'the sensitive field {login.pin}'],
		['duplicate key', { onDuplicate: { key: '{password}', policy: 'serial' } }, 'the sensitive field {password}'],
	])('%s', (_, options, message) => {
		expect(type(options)).toThrow(message)
	})

	test('but a field beside one is none', () => {
		expect(type({ locks: [{ resource: { type: 'Host', id: '{login.user}', title: '{password}' } }] })).not.toThrow()
	})
})

test('a name shows •••, and so do the title of a lock and what the plan names', async () => {
	const type = defineTask({
		label: 'Test',
		name: 'Login of {user} with {pin}, {all}, {all.pin}',
		input: z.object({ user: z.string().default('ann'), pin: z.number().meta({ sensitive: true }), all: z.object({ pin: secret }) }),
		locks: [{ resource: { type: 'User', id: '{user}', title: '{pin}' } }],
		run: () => {},
	})
	const { name, locks } = await runInMemory(type, { pin: 12, all: { pin: 'xy' } })
	expect(name).toBe('Login of ann with •••, {"pin":"•••"}, •••')
	expect(locks[0]?.resource).toEqual({ type: 'User', id: 'ann', title: '•••' })
})

test('in memory nothing is sealed, and logs, progress and errors are redacted', async () => {
	const seen: string[] = []
	const login = defineAction({
		label: 'Test/login',
		input: z.object({ url: z.string(), token: secret }),
		run: async ({ url, token }, context) => {
			seen.push(url, token)
			await context.log(`with ${url} and ${token}`)
			context.progress({ done: 1, unit: token })
			throw new Failure(`${url} refuses ${token}`, { retryable: false, details: { token, n: 1 } })
		},
	})
	const type = defineTask({
		label: 'Test',
		input: z.object({ password: secret }),
		actions: [login],
		plan(plan, { password }) {
			plan.name(`with ${password}`)
			plan.step(login, { url: `https://u:${password}@h`, token: 'token-1' })
		},
	})
	const run = await runInMemory(type, { password: 'hunter2' })
	expect(seen).toEqual(['https://u:hunter2@h', 'token-1'])
	expect(run.name).toBe('with •••')
	expect(run.log.map(({ line }) => line)).toEqual(['with https://u:•••@h and •••'])
	expect(run.reports).toMatchObject([{ unit: '•••' }])
	expect(run.error).toMatchObject({ message: 'https://u:•••@h refuses •••', details: { token: '•••', n: 1 }, reason: 'failed' })
	expect(run.error?.trace).not.toContain('hunter2')
	expect(run.steps[0]?.input).toEqual({ url: 'https://u:hunter2@h', token: 'token-1' })
})

test('a plan cannot pretend that something is encrypted', async () => {
	const type = defineTask({
		label: 'Test',
		input: z.object({}),
		actions: [anything],
		plan: (plan) => void plan.step(anything, { a: { $sensitive: { key: 'k', text: 'QQ==' } } }),
	})
	expect((await runInMemory(type, {})).error?.message).toContain('input of step “anything”.a has a property “$sensitive”')
})

const anything = defineAction({ label: 'Test/anything', input: z.any(), run: () => {} })
