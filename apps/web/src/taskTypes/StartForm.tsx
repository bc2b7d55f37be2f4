import {
	ActionGroup,
	Alert,
	Button,
	Form,
	FormGroup,
	FormHelperText,
	HelperText,
	HelperTextItem,
	TextArea,
	ToggleGroup,
	ToggleGroupItem,
} from '@patternfly/react-core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { parseJson } from '../json/parse.ts'
import { formatJson } from '../json/print.ts'
import { useLive } from '../live/LiveContext.ts'
import { useOfflineReason } from '../shell/OfflineBanner.tsx'
import { discardedFor } from '../tasks/operations.ts'
import { useStartTask } from '../tasks/task.ts'
import { useToast } from '../shell/toasts.tsx'
import { fieldId, InputFields } from './InputField.tsx'
import { type Field, fieldsOf } from './inputFields.ts'
import { checkValues, type Fault, faultsByField, initialValues, inputText, leavesOf, valuesOf } from './inputValues.ts'
import type { TaskType } from './taskTypes.ts'
import { createId } from './uuid.ts'

/** Either the fields of the type, or the whole input as JSON; one can go from one to the other and back. */
export function StartForm({ type }: { readonly type: TaskType }) {
	const fields = useMemo(() => fieldsOf(type.inputSchema), [type.inputSchema])
	const [values, setValues] = useState(() => initialValues(fields ?? []))
	const [json, setJson] = useState<string | null>(fields ? null : '{}')
	const [misfit, setMisfit] = useState<string | null>(null)
	const [faults, setFaults] = useState<readonly Fault[]>([])
	const { start, isPending, problem } = useStart(type.label, setFaults)
	const offline = useOfflineReason()
	const form = useRef<HTMLDivElement>(null)
	useFocusOnFault(form, fields, faults)

	const submit = () => {
		const found = json === null ? checkValues(fields ?? [], values) : jsonFaults(json)
		setFaults(found)
		if (found.length === 0) start(json ?? inputText(fields ?? [], values))
	}
	const showJson = () => {
		const found = checkValues(fields ?? [], values).filter(({ path }) => values[path] !== '')
		setFaults(found)
		if (found.length === 0) setJson(formatJson(inputText(fields ?? [], values)))
	}
	const showFields = () => {
		if (json === null || !fields) return
		const read = valuesOf(fields, json)
		if ('misfit' in read) return setMisfit(read.misfit)
		setMisfit(null)
		setValues(read.values)
		setJson(null)
		setFaults([])
	}
	const byField = faultsByField(json === null ? (fields ?? []) : [], faults)
	const general = byField.get('') ?? []
	return (
		<div ref={form} className="ty-form">
			{fields && (
				<ToggleGroup aria-label="How to fill in" className="ty-above-form">
					<ToggleGroupItem text="Form" isSelected={json === null} onChange={showFields} />
					<ToggleGroupItem text="JSON" isSelected={json !== null} onChange={() => json === null && showJson()} />
				</ToggleGroup>
			)}
			{misfit && (
				<Alert component="h2" isInline variant="warning" title="This input has no form" className="ty-above-form">
					{misfit} Go on as JSON, or change it.
				</Alert>
			)}
			{(problem || general.length > 0) && (
				<Alert component="h2" isInline variant="danger" title="The task was not started" className="ty-above-form">
					{problem}
					{general.length > 0 && (
						<ul className="ty-list">
							{general.map((message) => (
								<li key={message}>{message}</li>
							))}
						</ul>
					)}
				</Alert>
			)}
			<Form
				noValidate
				onSubmit={(event) => {
					event.preventDefault()
					submit()
				}}
			>
				{json === null && fields ? (
					<InputFields
						fields={fields}
						values={values}
						faults={byField}
						onChange={(path, value) => setValues((current) => ({ ...current, [path]: value }))}
					/>
				) : (
					<JsonInput
						text={json ?? ''}
						onChange={(text) => {
							setJson(text)
							setMisfit(null)
						}}
						isFaulty={general.length > 0}
					/>
				)}
				<ActionGroup>
					<Button type="submit" isLoading={isPending} isDisabled={isPending || offline !== null}>
						Start
					</Button>
					{offline && <span className="ty-quiet">{offline}</span>}
				</ActionGroup>
			</Form>
		</div>
	)
}

function JsonInput({
	text,
	onChange,
	isFaulty,
}: {
	readonly text: string
	readonly onChange: (text: string) => void
	readonly isFaulty: boolean
}) {
	return (
		<FormGroup label="Input" fieldId="input-json" isRequired>
			<TextArea
				id="input-json"
				className="ty-mono"
				aria-describedby="input-json-help"
				rows={14}
				resizeOrientation="vertical"
				spellCheck="false"
				validated={isFaulty ? 'error' : 'default'}
				value={text}
				onChange={(_event, next) => onChange(next)}
			/>
			<FormHelperText>
				<HelperText id="input-json-help">
					<HelperTextItem>Kept as it stands here: the order of keys and every digit.</HelperTextItem>
				</HelperText>
			</FormHelperText>
		</FormGroup>
	)
}

function jsonFaults(text: string): readonly Fault[] {
	try {
		parseJson(text)
		return []
	} catch (error) {
		return [{ path: '', message: `This is not JSON. ${(error as Error).message}` }]
	}
}

/**
 * Starts a task and opens it. The id is made before the first try and kept until a task was started with it: a second
 * click, or a try after a lost answer, comes to the same task.
 */
function useStart(label: string, onFaults: (faults: readonly Fault[]) => void) {
	const { clock } = useLive()
	const navigate = useNavigate()
	const start = useStartTask()
	const toast = useToast()
	const id = useRef<string | null>(null)
	const [problem, setProblem] = useState<string | null>(null)
	return {
		isPending: start.isPending,
		problem,
		start(input: string) {
			id.current ??= createId(clock.now())
			setProblem(null)
			start.mutate(
				{ label, input, id: id.current },
				{
					onSuccess: ({ task, discarded, refusal }) => {
						if (task && discarded) toast(discardedFor(task))
						if (task) return void navigate(`/tasks/${task.id}`)
						if (!refusal) return
						id.current = null
						onFaults(refusal.faults)
						setProblem(refusal.message)
					},
					onError: (error) => setProblem(error.message),
				},
			)
		},
	}
}

/** Takes the person to the first field that is wrong. */
function useFocusOnFault(form: React.RefObject<HTMLDivElement | null>, fields: readonly Field[] | null, faults: readonly Fault[]) {
	useEffect(() => {
		if (faults.length === 0 || !fields) return
		const byField = faultsByField(fields, faults)
		const first = leavesOf(fields).find(({ path }) => byField.has(path))
		const element = first && form.current?.querySelector<HTMLElement>(`#${CSS.escape(fieldId(first.path))}`)
		if (!element) return
		const target = element.matches('input, textarea, select') ? element : element.querySelector<HTMLElement>('input, button')
		target?.focus()
	}, [form, fields, faults])
}
