/**
 * How the page hears of changes. *connecting* until the first answer; *live* while the socket answers;
 * *reconnecting* from its end on, and *offline* when the network says so or nothing came back for a while.
 * `since` is the moment of the last sign of life: what the page shows is from then.
 */
export type Connection =
	| { readonly kind: 'connecting'; readonly since: number }
	| { readonly kind: 'live' }
	| { readonly kind: 'reconnecting'; readonly since: number }
	| { readonly kind: 'offline'; readonly since: number }

/** What happens to a connection. `at` is milliseconds by the browser's clock. */
export type ConnectionFact =
	| { readonly kind: 'acknowledged' }
	/** `heard` is when the socket last gave a sign of life. */
	| { readonly kind: 'closed'; readonly heard: number }
	| { readonly kind: 'network_lost'; readonly heard: number }
	| { readonly kind: 'network_back' }
	| { readonly kind: 'time_passed'; readonly at: number }

/** How long a lost connection counts as a hiccup. */
export const offlineAfter = 30_000

/** The state after a fact. The same object when nothing changes. */
export function nextConnection(connection: Connection, fact: ConnectionFact): Connection {
	switch (fact.kind) {
		case 'acknowledged':
			return connection.kind === 'live' ? connection : { kind: 'live' }
		case 'closed':
			return connection.kind === 'live' ? { kind: 'reconnecting', since: fact.heard } : connection
		case 'network_lost':
			return connection.kind === 'offline' ? connection : { kind: 'offline', since: 'since' in connection ? connection.since : fact.heard }
		case 'network_back':
			return connection.kind === 'offline' ? { kind: 'reconnecting', since: connection.since } : connection
		case 'time_passed':
			return (connection.kind === 'reconnecting' || connection.kind === 'connecting') && fact.at - connection.since >= offlineAfter
				? { kind: 'offline', since: connection.since }
				: connection
	}
}
