/**
 * Ids of tasks: UUIDv7, made in the process from the database's time.
 *
 * They order pages and choose partitions, nothing else. The process's own clock is never asked: a machine whose clock
 * is wrong would put tasks into partitions that do not exist.
 */

import { randomFillSync } from 'node:crypto'

export interface IdSource {
	/**
	 * Takes over the database's time, `clock_timestamp()` in milliseconds, as it has just arrived. Half the round trip
	 * is added where it is known.
	 */
	calibrate(databaseMs: number, roundTripMs?: number): void
	readonly calibrated: boolean
	/** The database's time now, in milliseconds, as far as this process knows. */
	now(): number
	/** A new id, greater than each one this source made before. */
	next(): string
}

/** Makes ids. `monotonic` is a clock that only runs forward, in milliseconds. */
export function createIdSource(monotonic: () => number = () => performance.now()): IdSource {
	let offset: number | undefined
	let lastMs = -1
	let counter = 0
	const random = new Uint8Array(4096)
	let used = random.length

	const now = () => {
		if (offset === undefined) throw new Error('The id source does not know the time: call calibrate() with the database’s clock first.')
		return monotonic() + offset
	}

	return {
		calibrate(databaseMs, roundTripMs = 0) {
			offset = databaseMs + roundTripMs / 2 - monotonic()
		},
		get calibrated() {
			return offset !== undefined
		},
		now,
		next() {
			const ms = Math.floor(now())
			if (used + 10 > random.length) {
				randomFillSync(random)
				used = 0
			}
			const at = used
			used += 10
			if (ms > lastMs) {
				lastMs = ms
				// Begins low, so that a burst within the millisecond has room, and at random, so that processes differ.
				counter = ((random[at] ?? 0) << 2) | ((random[at + 1] ?? 0) & 3)
			} else if (counter < 0xfff) {
				counter += 1
			} else {
				lastMs += 1
				counter = 0
			}
			let tail = hexByte(((random[at + 2] ?? 0) & 0x3f) | 0x80)
			tail += `${hexByte(random[at + 3] ?? 0)}-`
			for (let n = 4; n < 10; n++) tail += hexByte(random[at + n] ?? 0)
			const time = hex12(lastMs)
			return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${tail}`
		},
	}
}

/** Milliseconds since 1970 at which the id was made. */
export function idTime(id: string): number {
	if (!isUuid7(id)) throw new Error(`"${id}" is no UUIDv7: expected an id such as 019a0b1c-2d3e-7f00-8000-0123456789ab.`)
	return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

export const isUuid7 = (text: string): boolean => uuid7.test(text)

/** The lowest uuid of a millisecond: a bound for ranges, not an id. */
export function boundary(ms: number): string {
	if (!(ms >= 0 && ms < 2 ** 48)) throw new Error(`${ms} ms is outside of what a UUIDv7 can hold: expected 0 … 2^48 - 1.`)
	const time = hex12(Math.floor(ms))
	return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

const hexByte = (byte: number) => byte.toString(16).padStart(2, '0')
const hex12 = (ms: number) => ms.toString(16).padStart(12, '0')
