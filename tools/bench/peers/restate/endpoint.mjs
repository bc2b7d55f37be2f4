// The handlers of the peer, in a process of their own: the journal of each call is kept for a day.
import http2 from 'node:http2'
import * as restate from '@restatedev/restate-sdk'
import { doNothing, settings } from '../peer.mjs'

const runSteps = async (context, steps) => {
	for (let index = 0; index < steps; index++) await context.run('nothing', doNothing)
}
const name = `Bench${process.argv[2]}`
const bench = restate.service({
	name,
	handlers: {
		ten: (context) => runSteps(context, settings.steps),
		one: (context) => runSteps(context, 1),
		fanOut: async (context, tasks) => {
			const client = context.serviceClient({ name })
			await restate.RestatePromise.all(Array.from({ length: tasks }, () => client.one()))
		},
		event: async (context) => {
			const { id, promise } = context.awakeable()
			await context.run('waiting', async () => void process.send({ waits: id }))
			await promise
			await context.run('first', async () => void process.send({ firstStepAt: process.hrtime.bigint().toString() }))
		},
	},
	options: { journalRetention: { days: 1 } },
})
const server = http2.createServer(restate.createEndpointHandler({ services: [bench], logger: () => undefined }))
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit(0))
