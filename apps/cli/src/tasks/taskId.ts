/** A UUIDv7 for this moment: started with it twice, a task is one task. */
export function newTaskId(now: number = Date.now(), random: Uint8Array = crypto.getRandomValues(new Uint8Array(10))): string {
	const bytes = Buffer.alloc(16)
	bytes.writeUIntBE(now, 0, 6)
	bytes.set(random, 6)
	bytes.writeUInt8(0x70 | ((random[0] ?? 0) & 0x0f), 6)
	bytes.writeUInt8(0x80 | ((random[2] ?? 0) & 0x3f), 8)
	return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
