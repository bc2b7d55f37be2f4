import { Fragment } from 'react'
import { HrefLink } from '../shell/PageLink.tsx'
import type { TaskRow } from './taskStores.ts'

interface Reference {
	readonly id: string
	readonly name: string
}

/** Tasks as links, in a sentence: "A, B and C". */
export function TaskLinks({ tasks }: { readonly tasks: readonly Reference[] }) {
	return tasks.map(({ id, name }, index) => (
		<Fragment key={id}>
			{index > 0 && (index === tasks.length - 1 ? ' and ' : ', ')}
			<HrefLink href={`/tasks/${id}`}>{name}</HrefLink>
		</Fragment>
	))
}

/** Why a task does not go on, in one sentence, with links to the tasks that stand in its way. */
export function WaitingText({ waitingFor }: { readonly waitingFor: NonNullable<TaskRow['waitingFor']> }) {
	const missing = waitingFor.tasks.filter(({ name }) => !waitingFor.text.includes(name))
	return (
		<>
			<LinkedText text={waitingFor.text} tasks={waitingFor.tasks} />
			{missing.length > 0 && (
				<>
					{' '}
					See <TaskLinks tasks={missing} />.
				</>
			)}
		</>
	)
}

/** A sentence in which the names of tasks are links to them. */
export function LinkedText({ text, tasks }: { readonly text: string; readonly tasks: readonly Reference[] }) {
	const named = tasks.find(({ name }) => name !== '' && text.includes(name))
	if (!named) return text
	const at = text.indexOf(named.name)
	const others = tasks.filter((task) => task !== named)
	return (
		<>
			<LinkedText text={text.slice(0, at)} tasks={others} />
			<HrefLink href={`/tasks/${named.id}`}>{named.name}</HrefLink>
			<LinkedText text={text.slice(at + named.name.length)} tasks={others} />
		</>
	)
}
