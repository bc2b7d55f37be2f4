/** Limits of a worker, in one place. */

/** Pooled connections of a child at most: the queue's LISTEN, its checkpoints, and one more for logs and locks. */
export const connectionsOfChild = 3
/** Connections of a supervisor: heartbeat and sweep, and one that listens for cancels. */
export const connectionsOfSupervisor = 3
/** Milliseconds from the signal of a cancel to its deadline. */
export const cancelDeadline = 30_000
/** Milliseconds that running steps get when the worker stops, before they are handed back. */
export const drainGrace = 4_000
/** Milliseconds from the order to drain until a child is killed. */
export const drainLimit = 15_000
/** Milliseconds before a child that died is followed by another; doubles while they die young. */
export const respawnPause = 100
export const longestRespawnPause = 10_000
/** How often the sweep looks, in milliseconds. */
export const sweepInterval = 1_000
