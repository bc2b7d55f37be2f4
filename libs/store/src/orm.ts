/** MikroORM on our connections: entities, migrations, ordinary reads. Hot statements are SQL of their own. */

import { Migrator } from '@mikro-orm/migrations'
import { MikroORM, type Options } from '@mikro-orm/postgresql'
import { type PoolSettings, parseDatabaseUrl, poolConfig, storeTypes } from './connection.ts'
import { entities } from './entities/list.ts'
import { migrations } from './migrations/list.ts'

export type Orm = MikroORM

export interface OrmSettings
	extends Pick<PoolSettings, 'max' | 'applicationName' | 'statementTimeout' | 'transactionTimeout' | 'idleInTransactionTimeout'> {
	/** What MikroORM has to say; nothing is printed without it. */
	readonly log?: (line: string) => void
}

/** Opens an ORM with a pool of its own. Close it with `orm.close()`. */
export async function openOrm(url: string, settings: OrmSettings = { max: 2, applicationName: 'taskyard orm' }): Promise<Orm> {
	// The driver of MikroORM takes no socket URLs, and merges `types` as if it were data: both are given to it in parts.
	const { types, ...connection } = poolConfig(url, settings)
	const address = parseDatabaseUrl(url)
	const options: Options = {
		entities,
		dbName: address.database,
		host: address.host,
		port: address.port,
		driverOptions: {
			...connection,
			onPoolCreated(pool: { options: { types?: unknown } }) {
				pool.options.types = storeTypes
			},
		},
		extensions: [Migrator],
		migrations: { migrationsList: migrations, snapshot: false, tableName: 'migration', disableForeignKeys: false },
		schemaGenerator: { ignoreSchema: ['graphile_worker'] },
		logger: settings.log ?? (() => {}),
		discovery: { warnWhenNoEntities: false },
	}
	if (address.user !== undefined) options.user = address.user
	if (address.password !== undefined) options.password = address.password
	return MikroORM.init(options)
}
