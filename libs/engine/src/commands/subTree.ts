import type { Queryable } from '@taskyard/store/connection'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'

const statement = `
with recursive tree as (
  select id from task where id = $1
  union all
  select t.id from task t join tree on t.parent_id = tree.id
)
select id from tree order by id`

/**
 * A task with its sub-tasks of any depth, their rows locked in ascending id; empty when there is no such task. To start
 * a sub-task locks the row of its parent, so that none is born unseen.
 */
export async function lockSubTree(client: Queryable, id: string): Promise<ReadonlyMap<string, LoadedTask>> {
	for (let known = 0; ; ) {
		const { rows } = await client.query<{ id: string }>({ name: 'taskyard:subTree', text: statement, values: [id] })
		const ids = rows.map((row) => row.id)
		const tree = await loadTasks(client, ids, true)
		// What was born before its parent's row was locked is seen the second time.
		if (tree.size === known) return tree
		known = tree.size
	}
}
