/** `taskyard settings`: what an administrator can switch. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandFailure } from '../commandFailure.ts'
import { ChangeSettingDocument, SettingsDocument } from '../graphql/generated/graphql.ts'
import { readAddress, usualServer } from '../server/address.ts'
import { request } from '../server/request.ts'
import { openScreen } from '../terminal/screen.ts'

interface Given {
	readonly server: string
	readonly json?: true
}

/** Adds `settings` to the program. */
export function addSettingCommands(program: Command): void {
	program
		.command('settings [key] [value]')
		.description('show what is switched on, or switch it: taskyard settings dangerous_actions on')
		.addOption(new Option('--server <url>', 'the server to ask').env('TASKYARD_SERVER').default(usualServer))
		.option('--json', 'answer in JSON')
		.action(async (key: string | undefined, value: string | undefined, given: Given) => {
			const server = readAddress(given.server)
			const screen = openScreen(process.stdout, process.stderr)
			if (key !== undefined && value !== undefined) {
				const { changeSetting } = await request(server, ChangeSettingDocument, { key, value: isOn(value) })
				if (changeSetting.refusal) throw new CommandFailure(changeSetting.refusal.message)
			}
			const { settings } = await request(server, SettingsDocument, {})
			const shown = settings.filter((setting) => key === undefined || setting.key === key)
			if (shown.length === 0)
				throw new CommandFailure(`There is no setting “${key}”. There are ${settings.map((one) => one.key).join(', ')}.`)
			if (given.json) screen.line(JSON.stringify(shown, null, 2))
			else for (const setting of shown) screen.line(`${setting.key}  ${setting.value ? 'on' : 'off'}`)
		})
}

function isOn(value: string): boolean {
	if (value === 'on' || value === 'true') return true
	if (value === 'off' || value === 'false') return false
	throw new InvalidArgumentError('expected on or off.')
}
