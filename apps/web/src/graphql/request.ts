import type { TypedDocumentString } from './generated/graphql.ts'

/** The server could not answer: it says what happened and, where the server gave one, the id to look for in its log. */
export class RequestError extends Error {
	override readonly name = 'RequestError'
	readonly requestId: string | null

	constructor(message: string, requestId: string | null = null, options?: ErrorOptions) {
		super(message, options)
		this.requestId = requestId
	}
}

interface Answer<Result> {
	readonly data?: Result | null
	readonly errors?: readonly { readonly message: string }[]
}

/** Asks the server once, over HTTP. Subscriptions go over the socket. */
export async function request<Result, Variables>(
	document: TypedDocumentString<Result, Variables>,
	variables: Variables,
	signal?: AbortSignal,
): Promise<Result> {
	const response = await fetch('/graphql', {
		method: 'POST',
		headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
		body: JSON.stringify({ query: document.toString(), variables }),
		signal: signal ?? null,
	}).catch((cause: unknown) => {
		if (signal?.aborted) throw cause
		throw new RequestError('The server cannot be reached. Check that it runs, then try again.', null, { cause })
	})
	const requestId = response.headers.get('x-request-id')
	const text = await response.text()
	const answer = readAnswer<Result>(text)
	const messages = answer?.errors?.map(({ message }) => message) ?? []
	if (messages.length > 0) throw new RequestError(messages.join(' '), requestId)
	if (!answer?.data)
		throw new RequestError(`The server answered ${response.status} ${response.statusText}: ${text.slice(0, 200)}`, requestId)
	return answer.data
}

function readAnswer<Result>(text: string): Answer<Result> | null {
	try {
		return JSON.parse(text) as Answer<Result>
	} catch {
		return null
	}
}
