import type { Pool } from '@taskyard/store/connection'

/** What the machine gives: updates/s of one row by one connection, each committed before the next begins. */
export async function measureYardstick(pool: Pool, milliseconds: number): Promise<number> {
	const client = await pool.connect()
	try {
		await client.query('create table if not exists bench_yardstick (id integer primary key, n integer not null) with (fillfactor = 50)')
		await client.query('insert into bench_yardstick values (1, 0) on conflict (id) do nothing')
		const update = { name: 'bench:yardstick', text: 'update bench_yardstick set n = n + 1 where id = 1' }
		const begun = performance.now()
		let updates = 0
		while (performance.now() - begun < milliseconds) {
			await client.query(update)
			updates += 1
		}
		return (updates / (performance.now() - begun)) * 1000
	} finally {
		client.release()
	}
}
