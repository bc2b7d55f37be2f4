/** Queries and mutations over HTTP. */

import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import type { Log } from '@taskyard/process/log'
import type { GraphQLError, GraphQLSchema } from 'graphql'
import type { Context } from '../context.ts'
import { shownError } from './errors.ts'
import { limitDepth, mostTokens } from './limits.ts'

export function createApollo(schema: GraphQLSchema, log: Log): ApolloServer<Context> {
	return new ApolloServer<Context>({
		schema,
		introspection: true,
		allowBatchedHttpRequests: false,
		includeStacktraceInErrorResponses: false,
		// It would end the process by itself, and not in order.
		stopOnTerminationSignals: false,
		parseOptions: { maxTokens: mostTokens },
		validationRules: [limitDepth],
		logger: {
			debug: (message) => log.debug(message),
			info: (message) => log.info(message),
			warn: (message) => log.warn(message),
			error: (message) => log.error(message),
		},
		plugins: [
			ApolloServerPluginLandingPageDisabled(),
			{
				async requestDidStart() {
					let raised: readonly GraphQLError[] = []
					return {
						async didEncounterErrors({ errors }) {
							raised = errors
						},
						async willSendResponse({ response, contextValue }) {
							if (response.body.kind !== 'single') return
							const { singleResult } = response.body
							const shown = singleResult.errors?.map((formatted, index) => {
								const error = raised[index]
								return error && formatted.extensions?.code === 'INTERNAL_SERVER_ERROR' ? shownError(error, contextValue) : formatted
							})
							if (shown) singleResult.errors = shown
						},
					}
				},
			},
		],
	})
}
