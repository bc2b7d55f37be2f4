import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, useDatabase } from '@taskyard/testkit/database'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTestServer } from './testing/openTestServer.ts'

const database = useDatabase()

describe('health', () => {
	test('alive and ready, with how many workers', async () => {
		const server = await openTestServer(database.url)
		expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'ok' })
		const ready = await fetch(`${server.url}/readyz`)
		expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reasons: [], workers: 0 }])
	})

	test('not ready before the tables exist, and it says why', async () => {
		const empty = await createDatabase({ template: 'template0' })
		const server = await openTestServer(empty.url)
		const ready = await fetch(`${server.url}/readyz`)
		expect([ready.status, await ready.json()]).toEqual([
			503,
			{ ready: false, reasons: [expect.stringMatching(/^migrations: the tables are missing; run "npm start"/)], workers: null },
		])
		await server.close()
		await empty.drop()
	})

	test('not ready without a database, and it says why; alive all the same', async () => {
		const server = await openTestServer('postgres://nobody@127.0.0.1:1/nothing')
		const ready = await fetch(`${server.url}/readyz`)
		expect([ready.status, await ready.json()]).toMatchObject([
			503,
			{ ready: false, reasons: [expect.stringMatching(/^database: .*ECONNREFUSED/), expect.anything()] },
		])
		expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
		const { errors } = await server.ask('{ tasks { endCursor } }')
		expect(errors).toMatchObject([
			{ message: expect.stringMatching(/^The database does not answer/), extensions: { code: 'SERVICE_UNAVAILABLE' } },
		])
	})
})

describe('the page', () => {
	async function openWithPage() {
		const page = mkdtempSync(join(tmpdir(), 'taskyard-page-'))
		onTestFinished(() => rmSync(page, { recursive: true }))
		mkdirSync(join(page, 'assets'))
		writeFileSync(join(page, 'index.html'), '<!doctype html><title>Taskyard</title>')
		writeFileSync(join(page, 'assets/main-1a2b.js'), 'export {}')
		writeFileSync(join(page, 'assets/main-1a2b.js.br'), 'compressed')
		const server = await openTestServer(database.url, { page })
		return (path: string, accept = 'text/html,*/*', encoding = 'identity') =>
			fetch(`${server.url}${path}`, { headers: { accept, 'accept-encoding': encoding } })
	}

	test.each(['/', '/tasks', '/tasks/019a0b1c-2d3e-7f00-8000-0123456789ab/raw', '/task-types/Backup::Directory/start?x=1'])(
		'%s is the entry',
		async (path) => {
			const get = await openWithPage()
			const response = await get(path)
			expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache'])
			expect(await response.text()).toContain('<title>Taskyard</title>')
		},
	)

	test('allows no script from elsewhere and none inline', async () => {
		const get = await openWithPage()
		const policy = (await get('/')).headers.get('content-security-policy') ?? ''
		expect(policy).toMatch(/default-src 'none'; script-src 'self'; /)
		expect(policy).not.toContain('unsafe')
		expect((await get('/')).headers.get('x-content-type-options')).toBe('nosniff')
	})

	test('assets never change under their names, and come compressed where that was made', async () => {
		const get = await openWithPage()
		const plain = await get('/assets/main-1a2b.js')
		expect([plain.headers.get('cache-control'), await plain.text()]).toEqual(['public, max-age=31536000, immutable', 'export {}'])
		expect((await get('/assets/main-1a2b.js', '*/*', 'br')).headers.get('content-encoding')).toBe('br')
	})

	test.each(['/assets/gone.js', '/favicon.ico', '/../package.json', '/%2e%2e/package.json'])('%s is not there', async (path) => {
		const get = await openWithPage()
		expect((await get(path)).status).toBe(404)
	})

	test('a page that was not built says what to do', async () => {
		const server = await openTestServer(database.url, { page: '/nowhere' })
		const response = await fetch(server.url)
		expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build')])
	})
})

describe('what happens inside', () => {
	test('stays there: the answer has the request’s id, the log has the cause', async () => {
		const broken = await createDatabase({ template: 'template0' })
		const server = await openTestServer(broken.url)
		const { errors } = await server.ask('{ tasks { endCursor } }')
		expect(errors).toMatchObject([
			{ message: expect.stringMatching(/^Something went wrong inside the server/), extensions: { code: 'INTERNAL_SERVER_ERROR' } },
		])
		expect(JSON.stringify(errors)).not.toContain('relation')
		const id = errors?.[0]?.extensions?.requestId as string
		expect(server.lines.find((line) => line.includes(id))).toContain('relation \\"task\\" does not exist')
		await server.close()
		await broken.drop()
	})

	test('what the caller did wrong is said as it is', async () => {
		const server = await openTestServer(database.url)
		expect((await server.ask('{ nothing }')).errors?.[0]?.message).toContain('Cannot query field "nothing"')
		expect((await server.ask('{ tasks {')).errors?.[0]?.message).toContain('Syntax Error')
	})

	test('introspection is answered: two copies of graphql would fail here', async () => {
		const server = await openTestServer(database.url)
		const { data, errors } = await server.ask('{ __schema { types { name } } }')
		expect(errors).toBeUndefined()
		expect(JSON.stringify(data)).toContain('"TaskListFrame"')
	})
})

test('a taken port is refused', async () => {
	const server = await openTestServer(database.url)
	await expect(openTestServer(database.url, { port: server.port })).rejects.toThrow(/EADDRINUSE/)
})
