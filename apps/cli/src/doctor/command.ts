/** `taskyard doctor`: whether the database keeps the rules that the engine relies on. */

import type { Command } from 'commander'
import { EnvironmentError, readEnvironment } from '@taskyard/process/environment'
import { CommandFailure, exitCodes } from '../commandFailure.ts'
import { openScreen } from '../terminal/screen.ts'

interface Given {
	readonly dataDirectory?: string
	readonly json?: true
}

/** Adds `doctor` to the program. */
export function addDoctorCommand(program: Command): void {
	program
		.command('doctor')
		.description('examine the database, which may be in use: ends with 1 when something is wrong, and says what')
		.option('--data-directory <path>', 'where the database lives, instead of DATA_DIRECTORY')
		.option('--json', 'answer in JSON')
		.action(async ({ dataDirectory, json }: Given) => {
			const { rules, findings } = await examined(dataDirectory)
			const screen = openScreen(process.stdout, process.stderr)
			if (json) screen.line(JSON.stringify({ rules, findings }, null, 2))
			else {
				const broken = new Map(findings.map((finding) => [finding.holds, finding]))
				for (const rule of rules) {
					const finding = broken.get(rule)
					screen.line(`${finding ? '✗' : '✓'} ${rule}`)
					for (const fault of finding?.faults ?? []) screen.line(`    ${fault}`)
					const more = (finding?.count ?? 0) - (finding?.faults.length ?? 0)
					if (more > 0) screen.line(`    and ${more} more`)
				}
			}
			if (findings.length > 0) process.exitCode = exitCodes.error
		})
}

async function examined(dataDirectory: string | undefined) {
	const { examineHouse } = await import('@taskyard/server/doctor/examineHouse')
	try {
		const environment = readEnvironment({ ...process.env, ...(dataDirectory !== undefined && { DATA_DIRECTORY: dataDirectory }) })
		return await examineHouse(environment)
	} catch (error) {
		if (error instanceof EnvironmentError) throw new CommandFailure(error.message)
		throw new CommandFailure(
			`The database could not be examined: ${(error as Error).message}. Look at DATABASE_URL, or at the data directory, and whether Taskyard was ever started with it.`,
			exitCodes.noConnection,
			{ cause: error },
		)
	}
}
