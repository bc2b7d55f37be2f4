import { expect, test } from 'vitest'
import { openScreen } from './screen.ts'

function record(isTTY: boolean) {
	let written = ''
	const write = (text: string) => {
		written += text
	}
	return { screen: openScreen({ write, isTTY, columns: 10 }, { write }), written: () => written }
}

test('lines stand above the live line, which never fills the terminal', () => {
	const { screen, written } = record(true)
	screen.live('50 % of all files')
	screen.line('a step')
	screen.note('a hint')
	screen.live('60 %')
	screen.live('60 %')
	screen.live('')
	expect(written().split('\r\u001b[K')).toEqual(['50 % of …', 'a step\n50 % of …', 'a hint\n50 % of …', '60 %', ''])
})

test('what is no terminal gets lines alone', () => {
	const { screen, written } = record(false)
	screen.live('50 %')
	screen.line('a step')
	expect(written()).toBe('a step\n')
})
