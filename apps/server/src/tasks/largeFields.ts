import { type DocumentNode, type GraphQLResolveInfo, Kind, visit } from 'graphql'

/** Selecting one of these, of a task or of its steps, needs what can be megabytes. */
const largeFields: ReadonlySet<string> = new Set(['input', 'output', 'plan'])

const known = new WeakMap<object, boolean>()

/** Whether the operation selects a large field anywhere: it decides how much is read before the steps are resolved. */
export function selectsLargeFields(info: GraphQLResolveInfo): boolean {
	let found = known.get(info.operation)
	if (found === undefined) {
		found = false
		const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [info.operation, ...Object.values(info.fragments)] }
		visit(document, {
			Field(node) {
				if (largeFields.has(node.name.value)) found = true
			},
		})
		known.set(info.operation, found)
	}
	return found
}
