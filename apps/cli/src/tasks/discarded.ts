import { plainText } from '../terminal/text.ts'

/** What a person is told whose start made no task. */
export function discardedSentence({ id, name, state }: { readonly id: string; readonly name: string; readonly state: string }): string {
	return plainText(`No task was started: "${name}" (${id}) has the same duplicate key, is ${state}, and counts.`)
}
