// The peer's one process: starts the server of Restate and the handlers, and calls them through its ingress.
import { fork, spawnSync } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { answerParent, inTurns, sampled, settings, timed } from '../peer.mjs'
import { startServer } from '../server.mjs'

const { resolve } = createRequire(import.meta.url)
const program = resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`)
const ingress = { socketPath: path.join(settings.directory, 'bench', 'ingress.sock'), agent: new http.Agent({ keepAlive: true, maxSockets: settings.atOnce }) }
const admin = { socketPath: path.join(settings.directory, 'bench', 'admin.sock'), agent: new http.Agent({ keepAlive: true }) }

/** A request with a JSON body, over a socket; answers the JSON of a good response. */
function post(where, target, body) {
	const text = body === undefined ? '' : JSON.stringify(body)
	return new Promise((answer, fail) => {
		const headers = { accept: 'application/json', 'content-length': Buffer.byteLength(text), ...(text && { 'content-type': 'application/json' }) }
		const request = http.request({ ...where, method: 'POST', path: target, headers }, (response) => {
			let said = ''
			response.setEncoding('utf8')
			response.on('data', (part) => {
				said += part
			})
			response.on('end', () => {
				if (response.statusCode < 300) answer(said === '' ? null : JSON.parse(said))
				else fail(new Error(`${target} was answered with ${response.statusCode}: ${said}`))
			})
		})
		request.on('error', fail)
		request.end(text)
	})
}

/** Durability is its default: the log is written through to the disk before anything is acknowledged. */
const configuration = `
base-dir = ${JSON.stringify(settings.directory)}
node-name = "bench"
listen-mode = "unix"
default-num-partitions = ${settings.partitions}
log-filter = "error"
[admin]
disable-web-ui = true
[bifrost]
default-provider = "${settings.log}"
[bifrost.local]
rocksdb-disable-wal-fsync = false
[log-server]
rocksdb-disable-wal-fsync = false
`
const configurationFile = path.join(settings.directory, 'restate.toml')
writeFileSync(configurationFile, configuration)
const server = await startServer(program, ['--no-logo', '--config-file', configurationFile], {
	log: openSync(path.join(settings.directory, 'restate.log'), 'w'),
	environment: { DO_NOT_TRACK: '1' },
	answers: async () => {
		await post(admin, '/query', { query: 'select 1' })
		return true
	},
})

const endpoints = []
for (let number = 0; number < settings.endpoints; number++) {
	const endpoint = fork(new URL('endpoint.mjs', import.meta.url), [String(number)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
	const port = await new Promise((ready, fail) => {
		endpoint.once('message', ready)
		endpoint.once('exit', (code) => fail(new Error(`The handlers of Restate ended with ${code}.`)))
	})
	endpoints.push({ process: endpoint, port, service: `Bench${number}` })
}
for (const { port } of endpoints) await post(admin, '/deployments', { uri: `http://127.0.0.1:${port}` })

let turn = 0
const call = (handler) => post(ingress, `/${endpoints[turn++ % endpoints.length].service}/${handler}`)

/** From the event to the next step, by the clock that all processes of the machine share. */
async function event() {
	const [endpoint] = endpoints
	const waits = Promise.withResolvers()
	const first = Promise.withResolvers()
	const onMessage = (message) => {
		if (message.waits) waits.resolve(message.waits)
		else first.resolve(BigInt(message.firstStepAt))
	}
	endpoint.process.on('message', onMessage)
	const called = post(ingress, `/${endpoint.service}/event`)
	const id = await waits.promise
	await new Promise((resolve) => setTimeout(resolve, settings.waits))
	const begun = process.hrtime.bigint()
	await post(ingress, `/restate/awakeables/${id}/resolve`, 'go')
	await called
	endpoint.process.off('message', onMessage)
	return Number((await first.promise) - begun) / 1e6
}

const counted = async (query) => (await post(admin, '/query', { query })).rows[0]?.found ?? 0

answerParent(
	{
		durable: ({ tasks }) => inTurns(tasks, settings.atOnce, () => call('ten')),
		single: ({ tasks }) => inTurns(tasks, settings.atOnce, () => call('one')),
		fanOut: ({ tasks }) => post(ingress, `/${endpoints[0].service}/fanOut`, tasks),
		event: ({ samples }) => sampled(samples, event),
		ten: ({ samples }) => sampled(samples, () => timed(() => call('ten'))),
		count: async () => ({
			tasks: await counted(`select count(*) as found from sys_invocation where status = 'completed' and completion_result = 'success'`),
			steps: await counted(`select count(*) as found from sys_journal where entry_type = 'Command: Run'`),
		}),
		storage: async () => {
			const { stdout } = spawnSync(program, ['--config-file', configurationFile, '--dump-config'], { encoding: 'utf8' })
			const disabled = stdout.match(/rocksdb-disable-wal-fsync = \w+/g) ?? []
			return `Restate: ${settings.log} log, ${[...new Set(disabled)].join(', ')}`
		},
		pids: async () => [process.pid, server.pid, ...endpoints.map((endpoint) => endpoint.process.pid)],
	},
	async () => {
		for (const endpoint of endpoints) endpoint.process.disconnect()
		await server.stop()
	},
)
