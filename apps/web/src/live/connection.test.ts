import { describe, expect, test } from 'vitest'
import { type Connection, type ConnectionFact, nextConnection, offlineAfter } from './connection.ts'

const connecting: Connection = { kind: 'connecting', since: 100 }
const live: Connection = { kind: 'live' }
const reconnecting: Connection = { kind: 'reconnecting', since: 100 }
const offline: Connection = { kind: 'offline', since: 100 }

const acknowledged: ConnectionFact = { kind: 'acknowledged' }
const closed: ConnectionFact = { kind: 'closed', heard: 500 }
const lost: ConnectionFact = { kind: 'network_lost', heard: 500 }
const back: ConnectionFact = { kind: 'network_back' }
const soon: ConnectionFact = { kind: 'time_passed', at: 99 + offlineAfter }
const late: ConnectionFact = { kind: 'time_passed', at: 100 + offlineAfter }

describe('nextConnection', () => {
	test.each<[string, Connection, ConnectionFact, Connection]>([
		['connecting + acknowledged', connecting, acknowledged, live],
		['connecting + closed: was never live', connecting, closed, connecting],
		['connecting + network lost', connecting, lost, offline],
		['connecting + time', connecting, late, offline],
		['live + acknowledged', live, acknowledged, live],
		['live + closed', live, closed, { kind: 'reconnecting', since: 500 }],
		['live + network lost', live, lost, { kind: 'offline', since: 500 }],
		['live + network back', live, back, live],
		['live + time', live, late, live],
		['reconnecting + closed again keeps the first moment', reconnecting, closed, reconnecting],
		['reconnecting + network lost keeps the moment', reconnecting, lost, offline],
		['reconnecting + a little time', reconnecting, soon, reconnecting],
		['reconnecting + long', reconnecting, late, offline],
		['reconnecting + acknowledged', reconnecting, acknowledged, live],
		['offline + network back', offline, back, reconnecting],
		['offline + acknowledged', offline, acknowledged, live],
		['offline + closed', offline, closed, offline],
	])('%s', (_title, before, fact, after) => {
		expect(nextConnection(before, fact)).toEqual(after)
	})
})
