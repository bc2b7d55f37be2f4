/** What a supervisor and its children say to each other. No step travels here: children claim and write by themselves. */

export type ToChild =
	| { readonly type: 'ping' }
	/** The lease holds until then, by the machine's monotonic clock; `now` is the database's time. */
	| { readonly type: 'lease'; readonly until: number; readonly now: number }
	| { readonly type: 'cancel'; readonly tasks: readonly string[] }
	/** Take nothing new, finish, hand back what does not finish, and end. */
	| { readonly type: 'drain' }

export type FromChild = { readonly type: 'pong'; readonly busy: number } | { readonly type: 'ready'; readonly taskTypes: number }
