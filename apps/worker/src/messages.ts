/** What a supervisor and its children say to each other. No step travels here, only its name: children claim and write by themselves. */

import type { AttemptKey, Overdue } from '@taskyard/engine/execution/supervisorLine'

export type ToChild =
	| { readonly type: 'ping' }
	/** The lease holds until then, by the machine's monotonic clock; `now` is the database's time. */
	| { readonly type: 'lease'; readonly until: number; readonly now: number }
	/** Somebody may have asked to end something: the child asks the database what of its own that is. */
	| { readonly type: 'look' }
	/** To an own child: run one attempt of this step. */
	| { readonly type: 'run'; readonly task: string; readonly step: number }
	/** Take nothing new, finish, hand back what does not finish, and end. */
	| { readonly type: 'drain' }

export type FromChild =
	| { readonly type: 'pong'; readonly busy: number }
	| { readonly type: 'ready'; readonly taskTypes: number }
	| { readonly type: 'needsOwnChild'; readonly task: string; readonly step: number }
	/** The time of an attempt is over then, by the machine's monotonic clock. */
	| ({ readonly type: 'limited'; readonly until: number } & AttemptKey)
	/** An attempt with a time limit has ended. */
	| ({ readonly type: 'ended' } & AttemptKey)
	/** An attempt has not ended after its grace period. A shared child takes nothing new from now on, and ends when its other attempts have. */
	| ({ readonly type: 'overdue'; readonly why: Overdue } & AttemptKey)
	/** An own child has done with the step that it was given. */
	| { readonly type: 'free' }
