/** A small HTTP service that carries out work for others: it behaves, until a test says otherwise. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Unit {
	readonly id: number
	readonly key: string
	readonly body: { readonly [name: string]: unknown }
	/** What it is answered as; a test may put anything here. */
	resource: unknown
	cancelled: boolean
}

export interface Asked {
	readonly method: string
	readonly path: string
	readonly headers: IncomingMessage['headers']
}

/** Answers a request itself; `usual` answers as the service usually would. */
export type Behaviour = (response: ServerResponse, usual: () => void, request: IncomingMessage) => unknown

export interface Service {
	readonly url: string
	readonly units: Unit[]
	readonly asked: Asked[]
	/** For the next starts, looks and cancels: one for each, the usual when there is none left. */
	readonly starts: Behaviour[]
	readonly looks: Behaviour[]
	readonly cancels: Behaviour[]
	/** Whether it knows a start by its key. */
	knowsKeys: boolean
	close(): Promise<void>
}

export async function openService(): Promise<Service> {
	const server = createServer((request, response) => {
		let text = ''
		request.setEncoding('utf8')
		request.on('data', (chunk: string) => {
			text += chunk
		})
		request.on('end', () => answer(request, response, text === '' ? {} : (JSON.parse(text) as Unit['body'])))
	})

	function answer(request: IncomingMessage, response: ServerResponse, body: Unit['body']): void {
		const { method = '', url: path = '', headers } = request
		service.asked.push({ method, path, headers })
		const unit = service.units[Number(/^\/tasks\/(\d+)/.exec(path)?.[1]) - 1]
		const [behaviours, usual] =
			path === '/work'
				? [service.starts, () => begin(response, String(headers['idempotency-key']), body)]
				: method === 'GET'
					? [service.looks, () => say(response, unit ? 200 : 404, unit?.resource ?? {})]
					: [service.cancels, () => cancel(response, unit)]
		const behaviour = behaviours.shift()
		if (behaviour) behaviour(response, usual, request)
		else usual()
	}

	function begin(response: ServerResponse, key: string, body: Unit['body']): void {
		const known = service.knowsKeys ? service.units.find((unit) => unit.key === key) : undefined
		const unit = known ?? { id: service.units.length + 1, key, body, resource: { state: 'running' }, cancelled: false }
		if (!known) service.units.push(unit)
		response.setHeader('location', `/tasks/${unit.id}`)
		say(response, 202, {})
	}

	function cancel(response: ServerResponse, unit: Unit | undefined): void {
		if (unit) {
			unit.cancelled = true
			unit.resource = { state: 'canceled' }
		}
		say(response, unit ? 200 : 404, {})
	}

	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
	const service: Service = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		units: [],
		asked: [],
		starts: [],
		looks: [],
		cancels: [],
		knowsKeys: true,
		close() {
			server.closeAllConnections()
			return new Promise((resolve) => server.close(() => resolve()))
		},
	}
	return service
}

export function say(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
}
