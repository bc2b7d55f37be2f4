// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test, vi } from 'vitest'
import { type Selection, useSelection } from './selection.ts'

vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)

test('what is selected stands in the order of the rows, and what is no longer shown is not among it', async () => {
	let selection: Selection | undefined
	function Rows({ shown }: { readonly shown: readonly string[] }) {
		selection = useSelection(shown)
		return null
	}
	const root = createRoot(document.body.appendChild(document.createElement('div')))
	const show = (...shown: string[]) => act(async () => root.render(<Rows shown={shown} />))
	const change = (make: (current: Selection) => void) => act(async () => selection && make(selection))

	await show('c', 'b', 'a')
	expect(selection?.ids).toEqual([])
	await change(({ choose }) => {
		choose('a', true)
		choose('c', true)
		choose('b', true)
		choose('b', false)
	})
	expect(selection?.ids).toEqual(['c', 'a'])
	expect([selection?.has('a'), selection?.has('b')]).toEqual([true, false])

	await show('d', 'c', 'b')
	expect(selection?.ids).toEqual(['c'])

	await change(({ chooseAll }) => chooseAll())
	expect(selection?.ids).toEqual(['d', 'c', 'b'])
	await show('a', 'b')
	expect(selection?.ids).toEqual(['b'])

	await change(({ clear }) => clear())
	expect(selection?.ids).toEqual([])
	await act(async () => root.unmount())
})
