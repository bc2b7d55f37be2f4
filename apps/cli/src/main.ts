import { Command, CommanderError } from 'commander'
import { CommandFailure, exitCodes } from './commandFailure.ts'
import { addDoctorCommand } from './doctor/command.ts'
import { addRecordedTaskCommands } from './recordedTasks/commands.ts'
import { addSettingCommands } from './settings/commands.ts'
import { addTaskCommands } from './tasks/commands.ts'

const program = new Command('taskyard').description('Run, watch, debug and audit any kind of task').exitOverride()

program
	.command('start')
	.description('start the database, the server and a worker on this machine')
	.option('--port <number>', 'the port of the page and of GraphQL, instead of PORT')
	.option('--data-directory <path>', 'where the database lives, instead of DATA_DIRECTORY')
	.action(async (options: { port?: string; dataDirectory?: string }) => {
		const { startHouse } = await import('./start/startHouse.ts')
		await startHouse(options)
	})
addTaskCommands(program)
addRecordedTaskCommands(program)
addSettingCommands(program)
addDoctorCommand(program)

// `| head` takes what it wants and leaves.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
	await program.parseAsync()
} catch (error) {
	if (error instanceof CommandFailure) {
		console.error(error.message)
		process.exitCode = error.exitCode
	} else if (error instanceof CommanderError) {
		process.exitCode = error.exitCode === 0 ? 0 : exitCodes.refused
	} else throw error
}
