/**
 * Templates over a task's input, such as `Backup of {source}`: names of tasks, and ids of static locks.
 * `{a.b.0}` stands for a part of the input, `{{` and `}}` for the braces themselves.
 */

import { referredPart } from './references.ts'
import { asSealed, mask } from './sensitive/sealed.ts'

export type TemplatePart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'field'; readonly path: readonly string[] }

/** A template that cannot be read; the message says where and what was expected. */
export class TemplateError extends Error {
	override readonly name = 'TemplateError'
}

const piece = /\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g

/** Splits a template into text and fields. */
export function parseTemplate(template: string): TemplatePart[] {
	const parts: TemplatePart[] = []
	for (const match of template.matchAll(piece)) {
		const [text, field] = match
		const column = match.index + 1
		if (field !== undefined) {
			const path = field.trim().split('.')
			if (path.some((key) => key === '')) {
				throw new TemplateError(
					`column ${column} of “${template}”: expected the name of an input field in braces, such as {source}, found “${text}”`,
				)
			}
			parts.push({ kind: 'field', path })
		} else if (text === '{' || text === '}') {
			throw new TemplateError(`column ${column} of “${template}”: “${text}” has no partner; write “${text}${text}” for the brace itself`)
		} else {
			parts.push({ kind: 'text', text: text === '{{' ? '{' : text === '}}' ? '}' : text })
		}
	}
	return parts
}

/**
 * Fills a template in. Text, numbers and booleans stand as they are, other values as JSON, a missing one as nothing, a sealed
 * one as •••.
 *
 * @example renderTemplate('Backup of {source}', { source: '/srv' }) // 'Backup of /srv'
 */
export function renderTemplate(template: string, input: unknown): string {
	let text = ''
	for (const part of parseTemplate(template)) text += part.kind === 'text' ? part.text : show(referredPart(input, part.path))
	// PostgreSQL's text cannot hold a NUL.
	return text.replaceAll('\u0000', '\uFFFD')
}

function show(value: unknown): string {
	if (value === undefined || value === null) return ''
	if (typeof value === 'object') return asSealed(value) ? mask : JSON.stringify(value, shownInJson)
	return String(value)
}

function shownInJson(_: string, item: unknown): unknown {
	if (typeof item === 'bigint') return String(item)
	return asSealed(item) ? mask : item
}
