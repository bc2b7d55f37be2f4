/** A UUIDv7 for the given moment: ids of tasks are in the order of creation. */
export function createId(now: number, random: Uint8Array = crypto.getRandomValues(new Uint8Array(10))): string {
	const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0')
	const bytes = [...random]
	bytes[0] = 0x70 | ((bytes[0] ?? 0) & 0x0f)
	bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f)
	const rest = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
	return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`
}
