/**
 * Work that is done for many at once: what is asked for while the previous round is under way makes the next one. A lone
 * request waits for nobody.
 */
export function grouped<Request, Answer>(
	largest: number,
	work: (requests: readonly Request[]) => Promise<readonly (Answer | Error)[]>,
): (request: Request) => Promise<Answer> {
	interface Waiting {
		readonly request: Request
		readonly resolve: (answer: Answer) => void
		readonly reject: (error: Error) => void
	}
	let waiting: Waiting[] = []
	let running = false

	async function run(): Promise<void> {
		while (waiting.length > 0) {
			const round = waiting.slice(0, largest)
			waiting = waiting.slice(largest)
			try {
				const answers = await work(round.map((one) => one.request))
				round.forEach((one, index) => {
					const answer = answers[index]
					if (answer instanceof Error) one.reject(answer)
					else one.resolve(answer as Answer)
				})
			} catch (error) {
				for (const one of round) one.reject(error as Error)
			}
		}
		running = false
	}

	return (request) =>
		new Promise((resolve, reject) => {
			waiting.push({ request, resolve, reject })
			if (running) return
			running = true
			void Promise.resolve().then(run)
		})
}
