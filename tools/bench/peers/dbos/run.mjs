// One process of the peer: launches DBOS and runs rounds of workflows as its parent says.
import { DBOS } from '@dbos-inc/dbos-sdk'
import pg from 'pg'

const settings = JSON.parse(process.env.BENCH_PEER)

const doNothing = async () => undefined

async function tenSteps() {
	for (let index = 0; index < settings.steps; index++) await DBOS.runStep(doNothing, { name: 'nothing' })
}
const workflow = DBOS.registerWorkflow(tenSteps, { name: 'tenSteps' })

// A pool of our own, so that it may use the socket that the other side uses; its size is the setting that matters.
const pool = new pg.Pool({ ...settings.connection, max: settings.connections })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))

const quiet = { info() {}, debug() {}, warn: (...words) => console.error(...words), error: (...words) => console.error(...words) }

DBOS.setConfig({
	name: 'bench',
	executorID: settings.name,
	applicationVersion: 'bench',
	systemDatabaseUrl: settings.url,
	systemDatabasePool: pool,
	logger: quiet,
	enableOTLP: false,
	tracingEnabled: false,
	runAdminServer: false,
	useListenNotify: false,
	listenQueues: [],
})
await DBOS.launch()

/** So many workflows, at most `atOnce` of them under way. */
async function round(workflows, atOnce) {
	let left = workflows
	await Promise.all(
		Array.from({ length: Math.min(atOnce, workflows) }, async () => {
			while (left > 0) {
				left -= 1
				const handle = await DBOS.startWorkflow(workflow)()
				await handle.getResult()
			}
		}),
	)
}

process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
	if (message.kind === 'stop') {
		DBOS.shutdown()
			.then(() => pool.end())
			.finally(() => process.exit(0))
		return
	}
	round(message.workflows, message.atOnce).then(
		() => process.send({ kind: 'done' }),
		(error) => process.send({ kind: 'failed', message: error.stack ?? String(error) }),
	)
})
process.send({ kind: 'ready' })
