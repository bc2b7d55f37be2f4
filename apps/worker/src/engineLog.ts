import type { Log } from '@taskyard/process/log'

/** The process's log as the engine's rooms, which know no logging library, speak to it. */
export function engineLog(log: Log): (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void {
	return (level, message) => log[level === 'warning' ? 'warn' : level](message)
}
