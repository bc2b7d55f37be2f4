/** The rooms of the house, as the table of the architecture says: who may import whom. Imports go downwards only. */

/** One room. */
export interface Room {
	/** where it lives, from the root of the checkout */
	readonly path: string
	/** rooms whose doors it may open; `engine/commands/*` is a part of a room */
	readonly mayImport: readonly string[]
	/** pure rooms run in a browser: nothing of Node.js, no npm package that needs it */
	readonly pure?: true
}

const lib = (name: string, mayImport: readonly string[], pure?: true): [string, Room] => [
	name,
	{ path: `libs/${name}`, mayImport, ...(pure && { pure }) },
]
const app = (name: string, mayImport: readonly string[]): [string, Room] => [name, { path: `apps/${name}`, mayImport }]

/** Every room by its name, from the ground to the roof. */
export const rooms: ReadonlyMap<string, Room> = new Map([
	lib('model', [], true),
	lib('search', [], true),
	lib('schedule', [], true),
	lib('process', []),
	lib('dispatch', []),
	lib('sdk', ['model']),
	lib('store', ['model', 'search']),
	lib('live', ['model', 'search', 'store']),
	lib('access', ['model', 'search', 'store']),
	lib('engine', ['model', 'search', 'schedule', 'sdk', 'store', 'dispatch']),
	lib('actions', ['sdk']),
	app('server', ['engine/commands/*', 'store', 'live', 'access', 'model', 'search', 'schedule', 'process']),
	app('worker', ['engine', 'actions', 'sdk', 'store', 'dispatch', 'schedule', 'process']),
	app('web', ['model', 'search', 'schedule']),
	app('cli', ['process', 'model', 'search', 'schedule', 'server', 'worker']),
])

/** For tests and tools only: any room may have it among its devDependencies, and it may know every library. */
export const developmentRoom = 'testkit'

/** What runs in the supervisor of a worker: everything that this file imports statically. It must meet no author's code. */
export const supervisor = { entry: 'apps/worker/src/main.ts', mustNotImport: ['actions'] }
