import { createSource, type Source } from '../live/source.ts'

export const themeChoices = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof themeChoices)[number]

const storageKey = 'taskyard.theme'
const systemDark = matchMedia('(prefers-color-scheme: dark)')

function readChoice(): ThemeChoice {
	try {
		const stored = localStorage.getItem(storageKey)
		return themeChoices.find((choice) => choice === stored) ?? 'system'
	} catch {
		return 'system'
	}
}

const choice = createSource<ThemeChoice>(readChoice())

/** What the viewer chose; public/theme.js applies it before the first paint. */
export const themeChoice: Source<ThemeChoice> = choice

function apply() {
	const dark = choice.get() === 'dark' || (choice.get() === 'system' && systemDark.matches)
	document.documentElement.classList.toggle('pf-v6-theme-dark', dark)
}

export function chooseTheme(next: ThemeChoice) {
	choice.set(next)
	apply()
	try {
		localStorage.setItem(storageKey, next)
	} catch {
		// Without storage the choice holds until the page is closed.
	}
}

systemDark.addEventListener('change', apply)
