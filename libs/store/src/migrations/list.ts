/** All migrations, oldest first. A migration that was released is never changed. */

import { type Constructor } from '@mikro-orm/core'
import { Migration } from '@mikro-orm/migrations'
import { tables } from './0001-tables.ts'

class Tables extends Migration {
	override name = '0001-tables'

	override async up(): Promise<void> {
		await this.execute(tables)
	}
}

export const migrations: Constructor<Migration>[] = [Tables]
