import { expect, type APIRequestContext } from '@playwright/test'

interface Answer {
	readonly task: { readonly id: string } | null
	readonly refusal: { readonly code: string; readonly message: string } | null
}

/** What another program asks the server by GraphQL, while the page looks on. */
export class Program {
	private readonly request: APIRequestContext

	constructor(request: APIRequestContext) {
		this.request = request
	}

	private async ask(query: string, variables: object): Promise<Answer> {
		const response = await this.request.post('/graphql', { data: { query, variables } })
		const { data, errors } = (await response.json()) as { data: Record<string, Answer> | null; errors?: unknown }
		expect(errors).toBeUndefined()
		return Object.values(data ?? {})[0] ?? { task: null, refusal: null }
	}

	/** Answers the id of the task. */
	async start(label: string, input: object): Promise<string> {
		const { task } = await this.ask(
			'mutation ($label: String!, $input: JsonText!) { startTask(label: $label, input: $input) { task { id } refusal { code message } } }',
			{ label, input: JSON.stringify(input) },
		)
		return task?.id ?? ''
	}

	/** Does something to many tasks; answers the id of the task that does it. */
	async bulk(action: 'resume' | 'cancel', ids: readonly string[]): Promise<string> {
		const { task } = await this.ask(
			'mutation ($action: BulkAction!, $ids: [ID!]!) { startBulk(action: $action, ids: $ids) { task { id } refusal { code message } } }',
			{ action, ids },
		)
		return task?.id ?? ''
	}

	/** Records a task that this program carries out; answers its id. */
	async open(label: string, name: string): Promise<string> {
		const { task } = await this.ask(
			'mutation ($label: String!, $name: String!) { openTask(label: $label, name: $name) { task { id } refusal { code message } } }',
			{ label, name },
		)
		return task?.id ?? ''
	}

	async report(id: string, report: { progress?: number; lines?: readonly string[]; externalId?: string; externalUrl?: string }) {
		return this.ask(
			`mutation ($id: ID!, $progress: Float, $lines: [String!], $externalId: String, $externalUrl: String) {
				reportTask(id: $id, progress: $progress, lines: $lines, externalId: $externalId, externalUrl: $externalUrl) { task { id } refusal { code message } } }`,
			{ id, ...report },
		)
	}

	async close(id: string, result: 'success' | 'warning' | 'error' | 'cancelled') {
		return this.ask(
			'mutation ($id: ID!, $result: EndResult!) { closeTask(id: $id, result: $result) { task { id } refusal { code message } } }',
			{ id, result },
		)
	}
}
