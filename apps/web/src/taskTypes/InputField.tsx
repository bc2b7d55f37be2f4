import {
	Button,
	Checkbox,
	FormFieldGroup,
	FormFieldGroupHeader,
	FormGroup,
	FormHelperText,
	FormSelect,
	FormSelectOption,
	HelperText,
	HelperTextItem,
	InputGroup,
	InputGroupItem,
	TextArea,
	TextInput,
} from '@patternfly/react-core'
import { MinusCircleIcon, PlusCircleIcon } from '@patternfly/react-icons'
import type { Field } from './inputFields.ts'
import type { FieldValue, FormValues, Pair } from './inputValues.ts'

export interface InputFieldsProps {
	readonly fields: readonly Field[]
	readonly values: FormValues
	readonly faults: ReadonlyMap<string, readonly string[]>
	readonly onChange: (path: string, value: FieldValue) => void
}

/** The id of the element that a person fills in. */
export function fieldId(path: string): string {
	return `input${path.replaceAll('/', '-')}`
}

/** Fields one below the other, groups with their own heading. */
export function InputFields({ fields, values, faults, onChange }: InputFieldsProps) {
	return fields.map((field) =>
		field.kind === 'group' ? (
			<FormFieldGroup
				key={field.path}
				header={
					<FormFieldGroupHeader
						titleText={{ text: field.required ? field.label : `${field.label} (optional)`, id: fieldId(field.path) }}
						titleDescription={field.description}
					/>
				}
			>
				<InputFields fields={field.fields} values={values} faults={faults} onChange={onChange} />
			</FormFieldGroup>
		) : (
			<InputField
				key={field.path}
				field={field}
				value={values[field.path] ?? ''}
				faults={faults.get(field.path) ?? []}
				onChange={(value) => onChange(field.path, value)}
			/>
		),
	)
}

type Leaf = Exclude<Field, { kind: 'group' }>

interface InputFieldProps<Of extends Leaf = Leaf> {
	readonly field: Of
	readonly value: FieldValue
	readonly faults: readonly string[]
	readonly onChange: (value: FieldValue) => void
}

function InputField(props: InputFieldProps) {
	const { field, faults } = props
	const id = fieldId(field.path)
	const isList = field.kind === 'texts' || field.kind === 'pairs'
	const help = <Help id={`${id}-help`} field={field} faults={faults} />
	if (field.kind === 'boolean')
		return (
			<FormGroup>
				<Checkbox
					id={id}
					label={field.label}
					isChecked={props.value === true}
					aria-describedby={`${id}-help`}
					onChange={(_event, checked) => props.onChange(checked)}
				/>
				{help}
			</FormGroup>
		)
	return (
		<FormGroup label={field.label} isRequired={field.required} {...(isList ? { role: 'group', fieldId: id } : { fieldId: id })}>
			<Control {...props} />
			{help}
		</FormGroup>
	)
}

function Help({ id, field, faults }: { readonly id: string; readonly field: Leaf; readonly faults: readonly string[] }) {
	const hint = hintOf(field)
	return (
		<FormHelperText>
			<HelperText id={id} isLiveRegion>
				{faults.map((fault) => (
					<HelperTextItem key={fault} variant="error">
						{fault}
					</HelperTextItem>
				))}
				{hint && <HelperTextItem>{hint}</HelperTextItem>}
			</HelperText>
		</FormHelperText>
	)
}

function hintOf(field: Leaf): string {
	const bounds =
		field.kind === 'number' && (field.minimum !== null || field.maximum !== null)
			? field.minimum !== null && field.maximum !== null
				? `${field.minimum} to ${field.maximum}.`
				: field.minimum !== null
					? `At least ${field.minimum}.`
					: `At most ${field.maximum}.`
			: ''
	const description =
		field.description && /[.!?]$/.test(field.description) ? field.description : field.description && `${field.description}.`
	return [description, bounds, field.kind === 'json' ? 'Written as JSON.' : ''].filter(Boolean).join(' ')
}

function Control({ field, value, faults, onChange }: InputFieldProps) {
	const id = fieldId(field.path)
	const shared = {
		id,
		'aria-describedby': `${id}-help`,
		isRequired: field.required,
		validated: faults.length > 0 ? ('error' as const) : ('default' as const),
	}
	const text = typeof value === 'string' ? value : ''
	switch (field.kind) {
		case 'text':
			return field.isLong ? (
				<TextArea {...shared} value={text} onChange={(_event, next) => onChange(next)} resizeOrientation="vertical" autoResize />
			) : (
				<TextInput
					{...shared}
					type={field.isSecret ? 'password' : 'text'}
					autoComplete={field.isSecret ? 'new-password' : 'off'}
					value={text}
					onChange={(_event, next) => onChange(next)}
				/>
			)
		case 'number':
			return (
				<TextInput
					{...shared}
					className="ty-number-input"
					type="text"
					inputMode={field.isInteger ? 'numeric' : 'decimal'}
					autoComplete="off"
					value={text}
					onChange={(_event, next) => onChange(next.trim())}
				/>
			)
		case 'choice':
			return (
				<FormSelect {...shared} value={text} onChange={(_event, next) => onChange(next)}>
					{(!field.required || text === '') && <FormSelectOption value="" label={field.required ? 'Select…' : 'Not set'} isPlaceholder />}
					{field.options.map((option) => (
						<FormSelectOption key={option.json} value={option.json} label={option.text} />
					))}
				</FormSelect>
			)
		case 'json':
			return (
				<TextArea
					{...shared}
					className="ty-mono"
					value={text}
					onChange={(_event, next) => onChange(next)}
					resizeOrientation="vertical"
					rows={4}
					spellCheck="false"
				/>
			)
		case 'texts':
			return <Texts field={field} items={value as readonly string[]} onChange={onChange} />
		case 'pairs':
			return <Pairs field={field} pairs={value as readonly Pair[]} onChange={onChange} />
		case 'boolean':
			return null
	}
}

const replaced = <Item,>(items: readonly Item[], index: number, item: Item) => items.map((old, at) => (at === index ? item : old))
const without = <Item,>(items: readonly Item[], index: number) => items.filter((_item, at) => at !== index)

function Texts({
	field,
	items,
	onChange,
}: {
	readonly field: Leaf
	readonly items: readonly string[]
	readonly onChange: (value: FieldValue) => void
}) {
	const list = Array.isArray(items) ? items : []
	return (
		<div className="ty-entries" id={fieldId(field.path)}>
			{list.map((item, index) => (
				// The place is the identity: entries have no other, and two may be equal.
				<InputGroup key={index}>
					<InputGroupItem isFill>
						<TextInput
							aria-label={`${field.label}, entry ${index + 1}`}
							autoComplete="off"
							value={item}
							onChange={(_event, next) => onChange(replaced(list, index, next))}
						/>
					</InputGroupItem>
					<Remove what={`${field.label}, entry ${index + 1}`} onRemove={() => onChange(without(list, index))} />
				</InputGroup>
			))}
			<Add what={field.label} onAdd={() => onChange([...list, ''])} />
		</div>
	)
}

function Pairs({
	field,
	pairs,
	onChange,
}: {
	readonly field: Leaf
	readonly pairs: readonly Pair[]
	readonly onChange: (value: FieldValue) => void
}) {
	const list = Array.isArray(pairs) ? pairs : []
	return (
		<div className="ty-entries" id={fieldId(field.path)}>
			{list.map(([key, text], index) => (
				<InputGroup key={index}>
					<InputGroupItem isFill>
						<TextInput
							aria-label={`${field.label}, name ${index + 1}`}
							placeholder="Name"
							autoComplete="off"
							value={key}
							onChange={(_event, next) => onChange(replaced(list, index, [next, text] as const))}
						/>
					</InputGroupItem>
					<InputGroupItem isFill>
						<TextInput
							aria-label={`${field.label}, value ${index + 1}`}
							placeholder="Value"
							autoComplete="off"
							value={text}
							onChange={(_event, next) => onChange(replaced(list, index, [key, next] as const))}
						/>
					</InputGroupItem>
					<Remove what={`${field.label}, entry ${index + 1}`} onRemove={() => onChange(without(list, index))} />
				</InputGroup>
			))}
			<Add what={field.label} onAdd={() => onChange([...list, ['', ''] as const])} />
		</div>
	)
}

function Remove({ what, onRemove }: { readonly what: string; readonly onRemove: () => void }) {
	return (
		<InputGroupItem>
			<Button variant="plain" icon={<MinusCircleIcon />} aria-label={`Remove ${what}`} onClick={onRemove} />
		</InputGroupItem>
	)
}

function Add({ what, onAdd }: { readonly what: string; readonly onAdd: () => void }) {
	return (
		<Button variant="link" isInline icon={<PlusCircleIcon />} onClick={onAdd} aria-label={`Add to ${what}`}>
			Add
		</Button>
	)
}
