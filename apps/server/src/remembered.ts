/** Something that is made when it is first needed, and made again when that failed. */
export interface Remembered<T> {
	get(): Promise<T>
	/** What was made; undefined when nobody needed it, or it failed. */
	known(): Promise<T | undefined>
}

export function remembered<T>(make: () => Promise<T>): Remembered<T> {
	let made: Promise<T> | undefined
	return {
		get() {
			made ??= make().catch((error: unknown) => {
				made = undefined
				throw error
			})
			return made
		},
		known: async () => made?.catch(() => undefined),
	}
}
