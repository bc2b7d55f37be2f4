import { lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchema } from './buildSchema.ts'

/** The schema as the text of `schema.graphql`, which the page and the command line are generated from. */
export function printedSchema(): string {
	return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`
}
