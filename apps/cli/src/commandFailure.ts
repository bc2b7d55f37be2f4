/** With what the commands about tasks end. Scripts rely on these numbers. */
export const exitCodes = {
	success: 0,
	error: 1,
	warning: 2,
	cancelled: 3,
	/** The server does not answer, or no longer. */
	noConnection: 4,
	/** The command was wrong or was refused: nothing happened. */
	refused: 5,
} as const

/** A command cannot do what it should; the message is all that a person needs. */
export class CommandFailure extends Error {
	override readonly name = 'CommandFailure'
	readonly exitCode: number

	constructor(message: string, exitCode: number = exitCodes.refused, options?: ErrorOptions) {
		super(message, options)
		this.exitCode = exitCode
	}
}

/** The server does not answer; the message says which one, why, and what to do. */
export function noConnection(server: string, cause: unknown): CommandFailure {
	return new CommandFailure(
		`${server} does not answer (${whyOf(cause)}). Is Taskyard started there? Start it with \`npm start\`, or name another server with --server URL or TASKYARD_SERVER.`,
		exitCodes.noConnection,
		{ cause },
	)
}

/** `fetch` and sockets hide the reason in causes and codes. */
function whyOf(error: unknown): string {
	if (!(error instanceof Error)) return 'the connection broke'
	if (error.name === 'TimeoutError') return 'it took too long'
	const { code } = error as { code?: unknown }
	if (typeof code === 'string') return code
	return error.cause instanceof Error ? whyOf(error.cause) : error.message
}
