import { Command } from 'commander'

const program = new Command('taskyard').description('Run, watch, debug and audit any kind of task')

program
	.command('start')
	.description('start the database, the server and a worker on this machine')
	.option('--port <number>', 'the port of the page and of GraphQL, instead of PORT')
	.option('--data-directory <path>', 'where the database lives, instead of DATA_DIRECTORY')
	.action(async (options: { port?: string; dataDirectory?: string }) => {
		const { startHouse } = await import('./start/startHouse.ts')
		await startHouse(options)
	})

await program.parseAsync()
