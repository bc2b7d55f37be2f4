// What the processes of all peers have in common: their parent sends a message for each round, and they answer it.

/** What the parent chose for this process. */
export const settings = JSON.parse(process.env.BENCH_PEER)

/**
 * Answers the parent's messages, one after the other: `rounds` by their kind, and `stop`, which also runs when the
 * parent is gone.
 */
export function answerParent(rounds, stop) {
	const end = () =>
		Promise.resolve()
			.then(stop)
			.catch((error) => console.error(error))
			.finally(() => process.exit(0))
	process.on('disconnect', end)
	process.on('message', (message) => {
		if (message.kind === 'stop') {
			end()
			return
		}
		Promise.resolve(message)
			.then(rounds[message.kind])
			.then(
				(value) => process.send({ kind: 'done', value: value ?? null }),
				(error) => process.send({ kind: 'failed', message: error?.stack ?? String(error) }),
			)
	})
	process.send({ kind: 'ready' })
}

/** Does `work` so many times, at most `atOnce` of them under way. */
export async function inTurns(times, atOnce, work) {
	let left = times
	await Promise.all(
		Array.from({ length: Math.min(atOnce, times) }, async () => {
			while (left > 0) {
				left -= 1
				await work()
			}
		}),
	)
}

/** The milliseconds that `once` answers, so many times, with a pause in which everything comes to rest. */
export async function sampled(samples, once) {
	const milliseconds = []
	for (let sample = 0; sample < samples; sample++) {
		milliseconds.push(await once())
		await new Promise((resolve) => setTimeout(resolve, settings.pause))
	}
	return milliseconds
}

/** The milliseconds of one run. */
export async function timed(work) {
	const begun = performance.now()
	await work()
	return performance.now() - begun
}

export const doNothing = async () => undefined
