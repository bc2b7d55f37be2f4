import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTemplate, renderTemplate, TemplateError } from './template.ts'

describe('renderTemplate', () => {
	const input = { source: '/srv/a', n: 3, big: 12345678901234567890n, yes: false, none: null, list: ['x', 'y'], deep: { a: { b: 'c' } } }
	test.each([
		['Backup of {source}', 'Backup of /srv/a'],
		['{source}', '/srv/a'],
		['{n}{yes}', '3false'],
		['{big}', '12345678901234567890'],
		['{deep.a.b} {list.1}', 'c y'],
		['{ source }', '/srv/a'],
		['{list}', '["x","y"]'],
		['[{none}{missing}{deep.x.y}]', '[]'],
		['{{source}}', '{source}'],
		['no field', 'no field'],
		['', ''],
	])('%s', (template, expected) => {
		expect(renderTemplate(template, input)).toBe(expected)
	})

	test('a field of the input cannot become a field of the template', () => {
		expect(renderTemplate('{source}', { source: '{n}', n: 1 })).toBe('{n}')
	})

	test('never holds a NUL', () => {
		expect(renderTemplate('{a}', { a: 'x\u0000y' })).toBe('x\uFFFDy')
	})

	test('text without braces stands as it is', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				fc.pre(!text.includes('\u0000'))
				expect(renderTemplate(text.replaceAll('{', '{{').replaceAll('}', '}}'), {})).toBe(text)
			}),
		)
	})
})

describe('parseTemplate refuses', () => {
	test.each([
		['Backup of {source', 'column 11'],
		['a } b', 'column 3'],
		['{}', 'expected the name of an input field'],
		['{a..b}', 'expected the name of an input field'],
	])('%s', (template, message) => {
		expect(() => parseTemplate(template)).toThrow(TemplateError)
		expect(() => parseTemplate(template)).toThrow(message)
	})
})
