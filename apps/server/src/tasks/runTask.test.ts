/** Tasks that are started and awaited, over each of the doors. */

import { connect } from '@taskyard/testkit/client'
import { newId } from '@taskyard/testkit/rows'
import { closePost, openGate, sampleTasks } from '@taskyard/testkit/sampleTasks'
import { useTaskyard } from '@taskyard/testkit/taskyard'
import { describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/openTestServer.ts'

const taskyard = useTaskyard({ tasks: sampleTasks })

/** How the run ended, in the same words for each door. */
type Ran =
	| { readonly output: unknown }
	| { readonly failed: string; readonly state: string }
	| { readonly goesOn: string }
	| { readonly refused: string }

interface Door {
	/** @param seconds how long to wait */
	run(label: string, input: object, id: string, seconds?: number): Promise<Ran>
	/** Answers the task that counts. */
	start(label: string, input: object): Promise<{ readonly id: string; readonly discarded: boolean }>
}

function graphQl(server: TestServer): Door {
	async function ask<Answer>(document: string, variables: object): Promise<Answer> {
		const { data, errors } = await server.ask(document, variables)
		expect(errors).toBeUndefined()
		return Object.values(data ?? {})[0] as Answer
	}
	return {
		async run(label, input, id, limit = 30) {
			const { task, output, message, timedOut, refusal } = await ask<{
				task: { state: string } | null
				output: string | null
				message: string | null
				timedOut: boolean
				refusal: { code: string } | null
			}>(
				`mutation ($label: String!, $input: JsonText!, $id: ID, $limit: Float!) { runTask(label: $label, input: $input, id: $id, limit: $limit)
				{ task { state } output message timedOut refusal { code } } }`,
				{ label, input: JSON.stringify(input), id, limit },
			)
			if (refusal) return { refused: refusal.code }
			if (timedOut) return { goesOn: message ?? '' }
			return message === null ? { output: JSON.parse(output ?? 'null') as unknown } : { failed: message, state: task?.state ?? '' }
		},
		async start(label, input) {
			const { task, discarded } = await ask<{ task: { id: string } | null; discarded: boolean }>(
				'mutation ($label: String!, $input: JsonText!) { startTask(label: $label, input: $input) { task { id } discarded } }',
				{ label, input: JSON.stringify(input) },
			)
			return { id: task?.id ?? '', discarded }
		},
	}
}

function rest(server: TestServer): Door {
	async function ask(body: object, prefer?: string) {
		const headers = { 'content-type': 'application/json', ...(prefer !== undefined && { prefer }) }
		const response = await fetch(`${server.url}/api/tasks`, { method: 'POST', headers, body: JSON.stringify(body) })
		const answer = (await response.json()) as {
			id: string
			code: string
			output: unknown
			goesOn?: string
			discarded?: boolean
			failure?: { message: string; state: string }
		}
		return { status: response.status, ...answer }
	}
	return {
		async run(label, input, id, seconds = 30) {
			const { status, code, output, goesOn, failure } = await ask({ label, input, id }, `wait=${seconds}`)
			if (status >= 400) return { refused: code }
			expect(status).toBe(goesOn === undefined ? 200 : 202)
			if (goesOn !== undefined) return { goesOn }
			return failure ? { failed: failure.message, state: failure.state } : { output }
		},
		async start(label, input) {
			const { status, id, discarded = false } = await ask({ label, input })
			expect(status).toBe(discarded ? 200 : 202)
			return { id, discarded }
		},
	}
}

function sdk(server: TestServer): Door {
	const client = connect({ url: server.url, patience: 0 })
	return {
		run: (label, input, id, seconds = 30) =>
			client.run(label, input, { id, timeout: seconds * 1000 }).then(
				(output) => ({ output }),
				({ code, message, details }: { code: string; message: string; details: { state: string } | null }) => {
					if (code === 'task_failed') return { failed: message, state: details?.state ?? '' }
					return code === 'task_not_ended' ? { goesOn: message } : { refused: code }
				},
			),
		start: (label, input) => client.start(label, input),
	}
}

describe.each([
	['GraphQL', graphQl],
	['REST', rest],
	['the SDK', sdk],
] as const)('over %s', (name, doorOf) => {
	test('one that ends well has its output; asked again, the same task has ended', async () => {
		const door = doorOf(await openTestServer(taskyard.url))
		const id = newId()
		const input = { text: `for ${name}` }
		expect(await door.run('Sample::Echo', input, id)).toEqual({ output: input })
		expect(await door.run('Sample::Echo', input, id)).toEqual({ output: input })
		const { rows } = await taskyard.pool.query(`select from task where name = $1`, [`Echo for ${name}`])
		expect(rows).toHaveLength(1)
	})

	test('one that pauses says why', async () => {
		const door = doorOf(await openTestServer(taskyard.url))
		closePost(true)
		expect(await door.run('Sample::Post', { parcel: `for ${name}` }, newId())).toEqual({
			failed: expect.stringContaining('the post is closed: open it, then resume'),
			state: 'paused',
		})
	})

	test('one that takes longer goes on', async () => {
		const door = doorOf(await openTestServer(taskyard.url))
		const id = newId()
		expect(await door.run('Sample::Wait', { gate: name }, id, 0)).toEqual({ goesOn: expect.stringContaining(`Task ${id} has not ended`) })
		openGate(name)
		expect(await door.run('Sample::Wait', { gate: name }, id)).toEqual({ output: { passed: name } })
	})

	test('one that cannot be is refused', async () => {
		const door = doorOf(await openTestServer(taskyard.url))
		expect(await door.run('No::Such', {}, newId())).toEqual({ refused: 'unknown_task_type' })
		expect(await door.run('Sample::Echo', {}, newId())).toEqual({ refused: 'invalid_input' })
	})

	test('one that has a duplicate is not made, and the one that counts is answered', async () => {
		const server = await openTestServer(taskyard.url)
		const door = doorOf(server)
		const input = { gate: `once ${name}` }
		const first = await door.start('Sample::Once', input)
		expect(first.discarded).toBe(false)
		expect(await door.start('Sample::Once', input)).toEqual({ id: first.id, discarded: true })
		const ran = door.run('Sample::Once', input, newId())
		openGate(input.gate)
		expect(await ran).toEqual({ output: { passed: input.gate } })
		expect(await connect({ url: server.url }).ended(first.id)).toEqual({ passed: input.gate })
	})
})
