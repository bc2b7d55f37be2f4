/** Subscription documents, parsed and checked once for all who send the same text. */

import {
	type DocumentNode,
	getOperationAST,
	GraphQLError,
	type GraphQLSchema,
	Kind,
	type OperationDefinitionNode,
	parse,
	specifiedRules,
	validate,
	visit,
} from 'graphql'
import { limitDepth, mostTokens } from './limits.ts'

export interface SubscriptionDocument {
	readonly document: DocumentNode
	/** Names of the variables that its results depend on, beside which stream it follows. */
	readonly resultVariables: readonly string[]
	/** Tells documents apart. */
	readonly key: string
}

export type Documents = (text: string, operationName: string | null | undefined) => SubscriptionDocument | readonly GraphQLError[]

const documentsKept = 500

export function createDocuments(schema: GraphQLSchema): Documents {
	const known = new Map<string, SubscriptionDocument | readonly GraphQLError[]>()
	let made = 0
	return (text, operationName) => {
		const name = operationName ?? ''
		const lookup = `${name}\n${text}`
		let document = known.get(lookup)
		if (document === undefined) {
			made += 1
			document = readDocument(schema, text, name, String(made))
			known.set(lookup, document)
			if (known.size > documentsKept) {
				const oldest = known.keys().next()
				if (!oldest.done) known.delete(oldest.value)
			}
		}
		return document
	}
}

function readDocument(schema: GraphQLSchema, text: string, name: string, key: string): SubscriptionDocument | readonly GraphQLError[] {
	let document: DocumentNode
	try {
		document = parse(text, { maxTokens: mostTokens })
	} catch (error) {
		return [error instanceof GraphQLError ? error : new GraphQLError(String(error))]
	}
	const faults = validate(schema, document, [...specifiedRules, limitDepth])
	if (faults.length > 0) return faults
	const operation = getOperationAST(document, name === '' ? null : name)
	if (!operation) return [new GraphQLError('The document has several operations; say which one by operationName.')]
	if (operation.operation !== 'subscription') {
		return [
			new GraphQLError(
				`The socket runs subscriptions only. Send a ${operation.operation} as POST /graphql with content-type: application/json.`,
			),
		]
	}
	return { document, resultVariables: resultVariables(document, operation), key }
}

/** The arguments of the one root field choose the stream; every other variable is one of the result. */
function resultVariables(document: DocumentNode, operation: OperationDefinitionNode): string[] {
	const names = new Set<string>()
	const collect = {
		Variable: (node: { readonly name: { readonly value: string } }) => {
			names.add(node.name.value)
		},
		VariableDefinition: () => false as const,
	}
	for (const selection of operation.selectionSet.selections) {
		if (selection.kind === Kind.FIELD) {
			if (selection.selectionSet) visit(selection.selectionSet, collect)
			for (const directive of selection.directives ?? []) visit(directive, collect)
		} else visit(selection, collect)
	}
	for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) visit(definition, collect)
	return [...names].sort()
}
