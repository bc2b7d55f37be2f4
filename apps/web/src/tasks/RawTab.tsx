import { ToggleGroup, ToggleGroupItem } from '@patternfly/react-core'
import { useSearchParams } from 'react-router'
import { ErrorState } from '../shell/ErrorState.tsx'
import { Loading } from '../shell/Loading.tsx'
import { JsonBlock } from './JsonBlock.tsx'
import { useTaskRaw } from './task.ts'
import type { TaskDetail } from './taskStores.ts'

const parts = ['input', 'output', 'plan'] as const
type Part = (typeof parts)[number]
const names: Record<Part, string> = { input: 'Input', output: 'Output', plan: 'Plan' }
const absent: Record<Part, string> = {
	input: 'The task has no input.',
	output: 'There is no output yet: it is stored when the task ends.',
	plan: 'There is no plan yet: it is stored when the task is planned.',
}

/** Input, output and plan as they are stored. */
export function RawTab({ task }: { readonly task: TaskDetail }) {
	const [parameters, setParameters] = useSearchParams()
	const part = parts.find((name) => name === parameters.get('part')) ?? 'input'
	const { data, error, refetch } = useTaskRaw(task)
	const text = data?.[part]
	return (
		<div className="ty-stack">
			<ToggleGroup aria-label="Which part">
				{parts.map((name) => (
					<ToggleGroupItem
						key={name}
						text={names[name]}
						isSelected={name === part}
						onChange={() => setParameters({ part: name }, { replace: true })}
					/>
				))}
			</ToggleGroup>
			{text ? (
				<JsonBlock id={`raw-${part}`} name={names[part]} text={text} fileName={`${task.id}-${part}.json`} />
			) : data ? (
				<p>{absent[part]}</p>
			) : error ? (
				<ErrorState what={names[part]} error={error} onRetry={() => void refetch()} />
			) : (
				<Loading what={names[part].toLowerCase()} />
			)}
		</div>
	)
}
