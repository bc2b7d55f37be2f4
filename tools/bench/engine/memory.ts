/** What processes took of the machine, as its kernel counted it. Known on Linux only. */

import { readFileSync } from 'node:fs'

/** The most megabytes that one of the processes ever had resident; null where nobody counts. */
export function peakMemory(pids: readonly number[]): number | null {
	const peaks = pids.map((pid) => numberIn(`/proc/${pid}/status`, /^VmHWM:\s+(\d+) kB$/m))
	return peaks.some((peak) => peak === null) ? null : Math.max(...peaks.map((peak) => ((peak ?? 0) * 1024) / 1e6))
}

/** Bytes that the processes have sent to the disk since they began; null where nobody counts. */
export function bytesWritten(pids: readonly number[]): number | null {
	const written = pids.map((pid) => numberIn(`/proc/${pid}/io`, /^write_bytes: (\d+)$/m))
	return written.some((bytes) => bytes === null) ? null : written.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)
}

function numberIn(file: string, pattern: RegExp): number | null {
	try {
		const found = pattern.exec(readFileSync(file, 'utf8'))?.[1]
		return found === undefined ? null : Number(found)
	} catch {
		return null
	}
}
