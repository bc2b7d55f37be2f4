import { Field, Int, ObjectType } from 'type-graphql'

@ObjectType({ description: 'What the work of a step is called where it is done.' })
export class ExternalId {
	@Field(() => Int)
	readonly step!: number

	@Field(() => String)
	readonly value!: string

	@Field(() => String, { nullable: true, description: 'Where a person finds it: an address that begins with http: or https:.' })
	readonly url!: string | null
}

/** An address that a page may link to; authors and programs give any text. */
export function linkable(url: string | null): string | null {
	return url !== null && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : null
}
