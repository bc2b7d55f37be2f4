/** Says nothing when all is well, else in words what is missing. A throw is a reason too. */
export type ReadinessCheck = () => Promise<string | undefined> | string | undefined

/** What `/readyz` answers. */
export interface Readiness {
	readonly ready: boolean
	/** `name: what is missing`, in the order of registration */
	readonly reasons: readonly string[]
}

/** The named checks of a process. */
export interface Health {
	register(name: string, check: ReadinessCheck): void
	check(): Promise<Readiness>
}

/** Makes the list of checks. One that does not answer within the limit is a reason, so that `/readyz` always answers. */
export function createHealth({ limitMilliseconds = 2_000 }: { readonly limitMilliseconds?: number } = {}): Health {
	const checks: { name: string; check: ReadinessCheck }[] = []

	async function reasonOf({ name, check }: { name: string; check: ReadinessCheck }): Promise<string | undefined> {
		const { promise: late, resolve: giveUp } = Promise.withResolvers<string>()
		const timer = setTimeout(() => giveUp(`no answer within ${limitMilliseconds / 1_000} s`), limitMilliseconds)
		try {
			const reason = await Promise.race([Promise.resolve().then(check), late])
			return reason === undefined ? undefined : `${name}: ${reason}`
		} catch (error) {
			return `${name}: ${error instanceof Error ? error.message : String(error)}`
		} finally {
			clearTimeout(timer)
		}
	}

	return {
		register: (name, check) => void checks.push({ name, check }),
		async check() {
			const answers = await Promise.all(checks.map(reasonOf))
			const reasons = answers.filter((reason) => reason !== undefined)
			return { ready: reasons.length === 0, reasons }
		},
	}
}
