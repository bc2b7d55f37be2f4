/** A UUIDv7 for this moment: started with it twice, a task is one task. */
export function newTaskId(now: number = Date.now()): string {
	const time = now.toString(16).padStart(12, '0')
	const bytes = [...crypto.getRandomValues(new Uint8Array(10))]
	bytes[0] = 0x70 | ((bytes[0] ?? 0) & 0x0f)
	bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f)
	const tail = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
	return `${time.slice(0, 8)}-${time.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`
}
