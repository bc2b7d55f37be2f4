/** Limits of a worker, in one place. */

/** Pooled connections of a child at most: the queue's LISTEN, its checkpoints, and one more for logs and locks. */
export const connectionsOfChild = 3
/** Pooled connections of an own child: one for its checkpoints, one more for its log. */
export const connectionsOfOwnChild = 2
/** Further connections of a child for the SQL of steps that have a transaction; opened while such steps run. */
export const connectionsForTransactions = 2
/** The same of an own child. */
export const connectionsForOwnTransaction = 1
/** Connections of a supervisor: heartbeat and sweep, and one that listens for cancels. */
export const connectionsOfSupervisor = 3
/** Milliseconds from the signal of a cancel to its deadline. */
export const cancelDeadline = 30_000
/** Milliseconds that an attempt has to end once its time is over and it was told so. */
export const timeOutGrace = 5_000
/** Milliseconds that the neighbours of an attempt that does not end have to finish, before their child is killed with it. */
export const neighbourGrace = 10_000
/** Milliseconds without an answer after which the event loop of a child counts as blocked. */
export const blockedAfter = 1_000
/** How long a blocked child keeps its lease while one of its attempts has time left, in milliseconds. */
export const longestBlock = 60_000
/** Milliseconds that an own child without work is kept warm. */
export const ownChildWarmth = 60_000
/** Steps that may wait for an own child in the memory of a supervisor; what is beyond is found by the sweep. */
export const mostWaitingForOwnChildren = 10_000
/** Milliseconds that running steps get when the worker stops, before they are handed back. */
export const drainGrace = 4_000
/** Milliseconds from the order to drain until a child is killed. */
export const drainLimit = 15_000
/** Milliseconds before a child that died is followed by another; doubles while they die young. */
export const respawnPause = 100
export const longestRespawnPause = 10_000
/** How often the sweep looks, in milliseconds. */
export const sweepInterval = 1_000
