import { CommandFailure, exitCodes, noConnection } from '../commandFailure.ts'
import type { TypedDocumentString } from '../graphql/generated/graphql.ts'
import type { ServerAddress } from './address.ts'

interface Answer<Result> {
	readonly data?: Result | null
	readonly errors?: readonly { readonly message: string }[]
}

/** A server that says nothing for so long is no server. */
const patience = 30_000

/**
 * Asks the server once, over HTTP.
 * @throws CommandFailure when it does not answer, or answers with an error
 */
export async function request<Result, Variables>(
	server: ServerAddress,
	document: TypedDocumentString<Result, Variables>,
	variables: Variables,
): Promise<Result> {
	const { status, text } = await post(server, JSON.stringify({ query: document.toString(), variables }))
	const answer = readAnswer<Result>(text)
	const messages = answer?.errors?.map(({ message }) => message) ?? []
	if (messages.length > 0) throw new CommandFailure(`${server.name} answers: ${messages.join(' ')}`)
	if (!answer?.data) {
		const said = text.trim().slice(0, 500)
		throw new CommandFailure(
			`${server.name} answers ${status}${said && `: ${said}`}${said.endsWith('.') ? '' : '.'} Is it the address of a Taskyard? It was asked at ${server.graphql}.`,
		)
	}
	return answer.data
}

async function post(server: ServerAddress, body: string): Promise<{ status: number; text: string }> {
	try {
		const response = await fetch(server.graphql, {
			method: 'POST',
			headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
			body,
			signal: AbortSignal.timeout(patience),
		})
		return { status: response.status, text: await response.text() }
	} catch (error) {
		throw noConnection(server.name, error)
	}
}

function readAnswer<Result>(text: string): Answer<Result> | null {
	try {
		return JSON.parse(text) as Answer<Result>
	} catch {
		return null
	}
}

/** Whether nobody knows if the request arrived: the server was reached, and the answer was not. */
export function answerWasLost(error: unknown): boolean {
	if (!(error instanceof CommandFailure) || error.exitCode !== exitCodes.noConnection) return false
	const { cause } = error as { cause?: { cause?: { code?: unknown } } }
	return !neverArrived.has(String(cause?.cause?.code))
}

const neverArrived = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])
