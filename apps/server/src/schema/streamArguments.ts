import { Args, type ClassType } from 'type-graphql'

/** Declares the arguments that choose the stream of a subscription. What makes a frame of it has no use for them, and no parameter. */
export function streamArguments(type: () => ClassType): MethodDecorator {
	return (prototype, name, method) => {
		const parameters = (method.value as ((...args: unknown[]) => unknown) | undefined)?.length ?? 0
		Args(type)(prototype, name, parameters)
	}
}
