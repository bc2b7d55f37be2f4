/** What a route is: one row of the table that is served, and described in the OpenAPI document. */

import type { Context } from '../context.ts'

/** JSON Schema. */
export type Schema = { readonly [keyword: string]: unknown }

/** The schema of a body: an object whose members are known. */
export interface BodySchema extends Schema {
	readonly type: 'object'
	readonly properties: Readonly<Record<string, Schema>>
	readonly required?: readonly string[]
}

export interface RouteRequest {
	readonly context: Context
	/** The values of the `{names}` in the path. */
	readonly path: Readonly<Record<string, string>>
	readonly query: Readonly<Record<string, string | undefined>>
	/** Fits the schema of the route. */
	readonly body: unknown
	/** The members of the body as the texts that were given. */
	readonly texts: ReadonlyMap<string, string>
	/** How long the caller prefers to wait, in milliseconds; null when it did not say. */
	readonly wait: number | null
}

export interface RouteAnswer {
	readonly status: number
	readonly headers?: Readonly<Record<string, string>>
	/** Written by `writeAnswer`. A `Problem` where nothing was done. */
	readonly body: unknown
}

export interface DescribedAnswer {
	readonly description: string
	readonly schema: Schema
	/** Says where the task is that the answer is about. */
	readonly location?: true
}

export interface Route {
	readonly method: 'GET' | 'POST' | 'DELETE'
	/** Below `/api`, with `{name}` for what differs. */
	readonly path: string
	readonly operationId: string
	readonly summary: string
	readonly query?: Readonly<Record<string, Schema & { readonly description: string }>>
	/** Whether the caller may say `Prefer: wait=SECONDS`. */
	readonly waits?: true
	readonly body?: BodySchema
	/** By status; every route may answer with a problem besides. */
	readonly answers: Readonly<Record<number, DescribedAnswer>>
	handle(request: RouteRequest): Promise<RouteAnswer>
}

/** A reference to a schema among the components of the OpenAPI document. */
export const component = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** The name of a value in a path, e.g. `id` of `/tasks/{id}/events`. */
export const pathNames = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
