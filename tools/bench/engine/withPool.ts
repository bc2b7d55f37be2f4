import { openPool, type Pool } from '@taskyard/store/connection'

/** Lends a connection to a database for as long as `work` takes. */
export async function withPool<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
	const pool = openPool(url, { max: 1, applicationName: 'bench', transactionTimeout: 0 })
	try {
		return await work(pool)
	} finally {
		await pool.end()
	}
}
