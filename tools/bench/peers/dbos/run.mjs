// One process of the peer: launches DBOS and runs rounds of workflows as its parent says. Workflows are started in the
// process that runs them, without a queue, because that is its fastest way; no traces, and notifications only where it
// waits for a message.
import { DBOS } from '@dbos-inc/dbos-sdk'
import pg from 'pg'
import { answerParent, doNothing, inTurns, sampled, settings, timed } from '../peer.mjs'

const runSteps = async (steps) => {
	for (let index = 0; index < steps; index++) await DBOS.runStep(doNothing, { name: 'nothing' })
}
const tenSteps = DBOS.registerWorkflow(() => runSteps(settings.steps), { name: 'tenSteps' })
const oneStep = DBOS.registerWorkflow(() => runSteps(1), { name: 'oneStep' })
let firstStepAt = 0
const tellTime = () =>
	DBOS.runStep(
		async () => {
			firstStepAt = performance.now()
		},
		{ name: 'first' },
	)
const firstStep = DBOS.registerWorkflow(tellTime, { name: 'firstStep' })
const afterMessage = DBOS.registerWorkflow(
	async () => {
		const message = await DBOS.recv('bench', { timeoutSeconds: 60 })
		if (message === null) throw new Error('No message came.')
		await tellTime()
	},
	{ name: 'afterMessage' },
)
const fanOut = DBOS.registerWorkflow(
	async (tasks) => {
		// So many at once, for each result that is waited for is looked for again and again.
		const handles = []
		while (handles.length < tasks) {
			const part = Math.min(settings.atOnce, tasks - handles.length)
			handles.push(...(await Promise.all(Array.from({ length: part }, () => DBOS.startWorkflow(oneStep)()))))
		}
		for (let done = 0; done < tasks; done += settings.atOnce) {
			await Promise.all(handles.slice(done, done + settings.atOnce).map((handle) => handle.getResult()))
		}
	},
	{ name: 'fanOut' },
)

// A pool of our own, so that it may use the socket that the other side uses; its size is the setting that matters.
const pool = new pg.Pool({ ...settings.connection, max: settings.connections })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))

const quiet = { info() {}, debug() {}, warn: (...words) => console.error(...words), error: (...words) => console.error(...words) }
const { user, port, database } = settings.connection
const executor = `bench-${settings.number}`

DBOS.setConfig({
	name: 'bench',
	executorID: executor,
	applicationVersion: 'bench',
	// It wants a URL with a host; the pool that it is given, over the socket, is what connects.
	systemDatabaseUrl: `postgresql://${user}@localhost:${port}/${database}`,
	systemDatabasePool: pool,
	logger: quiet,
	enableOTLP: false,
	tracingEnabled: false,
	runAdminServer: false,
	useListenNotify: settings.listens === true,
	listenQueues: [],
})
await DBOS.launch()

const runToEnd = async (workflow, ...words) => {
	const handle = await DBOS.startWorkflow(workflow)(...words)
	await handle.getResult()
}

answerParent(
	{
		durable: ({ tasks }) => inTurns(tasks, settings.atOnce, () => runToEnd(tenSteps)),
		single: ({ tasks }) => inTurns(tasks, settings.atOnce, () => runToEnd(oneStep)),
		first: ({ samples }) =>
			sampled(samples, async () => {
				const begun = performance.now()
				await runToEnd(firstStep)
				return firstStepAt - begun
			}),
		fanOut: ({ tasks }) => runToEnd(fanOut, tasks),
		event: ({ samples }) =>
			sampled(samples, async () => {
				const handle = await DBOS.startWorkflow(afterMessage)()
				await new Promise((resolve) => setTimeout(resolve, settings.waits))
				const begun = performance.now()
				await DBOS.send(handle.workflowID, 'go', 'bench')
				await handle.getResult()
				return firstStepAt - begun
			}),
		ten: ({ samples }) => sampled(samples, () => timed(() => runToEnd(tenSteps))),
		count: async () => {
			const { rows } = await pool.query(
				`select count(*)::int as tasks, coalesce(sum(steps), 0)::int as steps from dbos.workflow_status workflow,
				lateral (select count(*) as steps from dbos.operation_outputs output where output.workflow_uuid = workflow.workflow_uuid
					and function_name in ('nothing', 'first', 'DBOS.recv')) stored
				where status = 'SUCCESS' and executor_id = $1`,
				[executor],
			)
			return rows[0]
		},
	},
	() => DBOS.shutdown().then(() => pool.end()),
)
