import type { Setting as Stored } from '@taskyard/engine/commands/types'
import { Arg, Ctx, Field, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { DateTime } from '../schema/scalars.ts'
import { Refusal } from '../tasks/taskAnswer.ts'

@ObjectType({ description: 'Something that an administrator can switch.' })
export class Setting implements Stored {
	@Field(() => String)
	readonly key!: Stored['key']

	@Field(() => Boolean)
	readonly value!: boolean

	@Field(() => Int, { nullable: true, description: 'Id of the user who changed it last.' })
	readonly changedBy!: number | null

	@Field(() => DateTime, { nullable: true })
	readonly changedAt!: number | null
}

@ObjectType({ description: 'The setting as it now is, or why it was not changed.' })
export class SettingAnswer {
	@Field(() => Setting, { nullable: true })
	readonly setting!: Setting | null

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}

@Resolver()
export class SettingsResolver {
	@Query(() => [Setting])
	async settings(@Ctx() context: Context): Promise<readonly Setting[]> {
		return (await context.commands()).readSettings()
	}

	@Mutation(() => SettingAnswer, { description: 'dangerous_actions: unlock and force unlock are offered' })
	async changeSetting(
		@Arg('key', () => String) key: string,
		@Arg('value', () => Boolean) value: boolean,
		@Ctx() context: Context,
	): Promise<SettingAnswer> {
		const given = await (await context.commands()).changeSetting({ key, value, who: await context.owner() })
		return 'refusal' in given ? { setting: null, refusal: given.refusal } : { setting: given.setting, refusal: null }
	}
}
