/** What one document may ask for: our data is half as deep, introspection by tools a little less, and no page of ours has a tenth of the tokens. */

import { type ASTVisitor, GraphQLError, Kind, type SelectionSetNode, type ValidationContext } from 'graphql'

export const mostTokens = 5_000
export const deepestSelection = 16

/** Refuses documents that nest deeper. */
export function limitDepth(context: ValidationContext): ASTVisitor {
	return {
		OperationDefinition(operation) {
			const depth = depthOf(context, operation.selectionSet, new Set())
			if (depth > deepestSelection) {
				context.reportError(
					new GraphQLError(`The document nests ${depth} fields deep; at most ${deepestSelection} are allowed. Ask in two documents.`, {
						nodes: operation,
					}),
				)
			}
		},
	}
}

function depthOf(context: ValidationContext, selections: SelectionSetNode, within: ReadonlySet<string>): number {
	let deepest = 0
	for (const selection of selections.selections) {
		deepest = Math.max(deepest, depthOfSelection(context, selection, within))
	}
	return deepest
}

function depthOfSelection(
	context: ValidationContext,
	selection: SelectionSetNode['selections'][number],
	within: ReadonlySet<string>,
): number {
	switch (selection.kind) {
		case Kind.FIELD:
			return selection.selectionSet ? 1 + depthOf(context, selection.selectionSet, within) : 1
		case Kind.INLINE_FRAGMENT:
			return depthOf(context, selection.selectionSet, within)
		case Kind.FRAGMENT_SPREAD: {
			const name = selection.name.value
			const fragment = context.getFragment(name)
			// A fragment within itself is another rule's fault to report.
			if (!fragment || within.has(name)) return 0
			return depthOf(context, fragment.selectionSet, new Set([...within, name]))
		}
	}
}
