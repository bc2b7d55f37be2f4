// One process of the peer: launches DBOS and runs rounds of workflows as its parent says. Workflows are started in the
// process that runs them, without a queue, because that is its fastest way; no traces, no notifications.
import { DBOS } from '@dbos-inc/dbos-sdk'
import pg from 'pg'
import { answerParent, doNothing, inTurns, sampled, settings, timed } from '../peer.mjs'

const runSteps = async (steps) => {
	for (let index = 0; index < steps; index++) await DBOS.runStep(doNothing, { name: 'nothing' })
}
const tenSteps = DBOS.registerWorkflow(() => runSteps(settings.steps), { name: 'tenSteps' })
const oneStep = DBOS.registerWorkflow(() => runSteps(1), { name: 'oneStep' })
let firstStepAt = 0
const firstStep = DBOS.registerWorkflow(
	() =>
		DBOS.runStep(
			async () => {
				firstStepAt = performance.now()
			},
			{ name: 'first' },
		),
	{ name: 'firstStep' },
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
	useListenNotify: false,
	listenQueues: [],
})
await DBOS.launch()

const runToEnd = async (workflow) => {
	const handle = await DBOS.startWorkflow(workflow)()
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
		ten: ({ samples }) => sampled(samples, () => timed(() => runToEnd(tenSteps))),
		count: async () => {
			const { rows } = await pool.query(
				`select count(*)::int as tasks, coalesce(sum(steps), 0)::int as steps from dbos.workflow_status workflow,
				lateral (select count(*) as steps from dbos.operation_outputs output where output.workflow_uuid = workflow.workflow_uuid) stored
				where status = 'SUCCESS' and executor_id = $1`,
				[executor],
			)
			return rows[0]
		},
	},
	() => DBOS.shutdown().then(() => pool.end()),
)
