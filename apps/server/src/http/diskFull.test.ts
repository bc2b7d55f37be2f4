import { type SmallDiskServer, serverOnSmallDisk } from '@taskyard/testkit/smallDisk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer } from '../testing/openTestServer.ts'

let small: SmallDiskServer

beforeAll(async () => {
	small = await serverOnSmallDisk(256)
}, 120_000)
afterAll(() => small?.remove(), 60_000)

test('/readyz says that the disk of the database is full, and when there is room again', async () => {
	const server = await openTestServer(small.url)
	const ready = async () => {
		const response = await fetch(`${server.url}/readyz`)
		return [response.status, await response.json()]
	}
	expect(await ready()).toEqual([200, { ready: true, reasons: [], workers: 0 }])
	await small.fill()
	expect(await ready()).toEqual([
		503,
		{ ready: false, reasons: [expect.stringMatching(/^room: PostgreSQL cannot write: .*No space left on device\. Make room/)], workers: 0 },
	])
	await small.free()
	expect(await ready()).toEqual([200, { ready: true, reasons: [], workers: 0 }])
	await server.close()
}, 120_000)
