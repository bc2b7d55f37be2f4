import { CommandFailure } from '../commandFailure.ts'

/** Where a server is asked. */
export interface ServerAddress {
	/** As people name it, without a slash at the end. */
	readonly name: string
	/** Of queries and mutations. */
	readonly graphql: string
	/** Of subscriptions. */
	readonly socket: string
}

export const usualServer = 'http://127.0.0.1:4180'

/**
 * Reads the address of a server: `http://host:port`, also `host:port` and one that ends in `/graphql`.
 * @throws CommandFailure
 */
export function readAddress(text: string): ServerAddress {
	const full = /^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `http://${text}`
	const url = URL.canParse(full) ? new URL(full) : null
	if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
		throw new CommandFailure(`"${text}" is no address of a server: expected one such as ${usualServer} in --server or TASKYARD_SERVER.`)
	}
	const name = `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/graphql$/, '')}`
	const graphql = `${name}/graphql`
	return { name, graphql, socket: graphql.replace(/^http/, 'ws') }
}
