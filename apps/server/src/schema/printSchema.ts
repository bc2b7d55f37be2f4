import { lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchema } from './buildSchema.ts'

/**
 * The schema as the text of `schema.graphql`, which the page and the command line are generated from.
 * @public for tools/codegen.mjs, which runs the compiled file
 */
export function printedSchema(): string {
	return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`
}
