import type { Pool } from '@taskyard/store/connection'
import { median } from '../cases.ts'

export interface Yardstick {
	/** Updates a second. */
	readonly rate: number
	/** Median time of one, in milliseconds. */
	readonly commit: number
}

/** What the machine gives: updates of one row by one connection, each committed before the next begins. */
export async function measureYardstick(pool: Pool, milliseconds: number): Promise<Yardstick> {
	const client = await pool.connect()
	try {
		await client.query('create table if not exists bench_yardstick (id integer primary key, n integer not null) with (fillfactor = 50)')
		await client.query('insert into bench_yardstick values (1, 0) on conflict (id) do nothing')
		const update = { name: 'bench:yardstick', text: 'update bench_yardstick set n = n + 1 where id = 1' }
		const times: number[] = []
		const begun = performance.now()
		let last = begun
		while (last - begun < milliseconds) {
			await client.query(update)
			const now = performance.now()
			times.push(now - last)
			last = now
		}
		return { rate: (times.length / (last - begun)) * 1000, commit: median(times) }
	} finally {
		client.release()
	}
}
