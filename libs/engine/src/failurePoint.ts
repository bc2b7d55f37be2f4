/**
 * Named points between two effects, at which a test stops this process and kills it. In production there are none: the
 * hook is null unless somebody has set it before this module was loaded, so a point costs one comparison.
 *
 *     if (atFailurePoint) await atFailurePoint('execute.codeEnded', task)
 */

/** Every point by name, in the order in which a task meets them, and what has happened there and what has not. */
export const failurePoints = {
	'start.begun': 'The transaction of a start is open; nothing is written.',
	'start.written': 'Task, first event and feed row are written, the job is not.',
	'start.edged': 'A start with a say of other tasks in it has told them; its job is not written.',
	'start.enqueued': 'All of a start is written and not committed.',
	'start.committed': 'A start is committed and not answered.',
	'claim.jobTaken': 'A job is taken, its task is as it was.',
	'claim.claimed': 'The task is in planning by this child; the author’s code has not begun.',
	'plan.codeEnded': 'The author’s plan is made; the transaction that stores it has not begun.',
	'plan.opened': 'The transaction is open, the task’s row is locked.',
	'plan.locked': 'The locks are taken, or their place in the line is; the plan is not stored.',
	'plan.written': 'Plan and locks are written, the jobs of its branches are not.',
	'plan.enqueued': 'All of a plan is written and not committed.',
	'plan.committed': 'A plan is stored, nothing of it has begun in this process.',
	'lock.resourcesMade': 'The rows of the resources are there and locked; the claims have not been looked at.',
	'lock.inserted': 'The claims are inserted as granted.',
	'lock.waiting': 'The claims are inserted as waiting, and no cycle was found.',
	'lock.released': 'The claims of a task that has ended are deleted, its successors have not been looked at.',
	'lock.successorsGranted': 'The successors are granted; nothing is committed.',
	'execute.begun': 'A step is running by its row; its code has not begun.',
	'execute.codeEnded': 'The code of a step has ended; its last lines are not stored.',
	'execute.logFlushed': 'Every line of a step is stored; its outcome is not.',
	'execute.checkpointed': 'The outcome of a step is stored; the next one has not begun in this process.',
	'suspend.begun': 'A step is to wait; nothing of that is written.',
	'suspend.committed': 'A step waits by its row; its process has not gone on.',
	'event.stored': 'An event is stored in an open transaction; what it decides is not.',
	'event.committed': 'An event and what it decided are committed; who sent it is not answered.',
	'callback.used': 'A token is used up in an open transaction; its event is not stored.',
	'transaction.begun': 'The transaction of a step is open; nothing of its author’s SQL was sent.',
	'transaction.codeEnded': 'The author’s SQL is carried out in an open transaction; the outcome of the step is not decided.',
	'transaction.written': 'SQL and outcome of a step are written in one transaction that is not committed.',
	'transaction.committed': 'SQL and outcome of a step are committed; nobody is answered.',
	'finalize.begun': 'A step is finalizing by its row; its code has not begun.',
	'finalize.codeEnded': 'The code of a finalize has ended; its outcome is not stored.',
	'finalize.checkpointed': 'The outcome of a finalize is stored, nothing after it has begun in this process.',
	'revert.begun': 'A step is reverting by its row; its code has not begun.',
	'revert.codeEnded': 'The code of a revert has ended; its outcome is not stored.',
	'revert.checkpointed': 'The outcome of a revert is stored, nothing after it has begun in this process.',
	'checkpoint.decided': 'A group is decided in memory; nothing is written.',
	'checkpoint.shortWritten': 'The short statement of a group is committed, nobody is answered.',
	'checkpoint.longWritten': 'The decisions of a group are written in an open transaction; its jobs are not.',
	'checkpoint.enqueued': 'All of a group is written and not committed.',
	'checkpoint.committed': 'A group is committed, nobody is answered.',
	'checkpoint.halved': 'The first half of a group that could not be stored whole is committed, the second is not.',
	'cancel.asked': 'A cancel arrived; nothing is written.',
	'cancel.noted': 'A cancel is stored; no worker has heard of it.',
	'cancel.signalled': 'The attempts of a cancelled task are aborted; that is not stored.',
	'cancel.deadline': 'The deadline of a cancel has passed; that is not stored.',
	'end.written': 'A task has ended in an open transaction; its locks are still its own.',
	'end.released': 'Its locks are released and their successors granted in the open transaction; who waited for it does not know.',
	'end.settled': 'Those who waited for it know, in the open transaction; nobody is enqueued.',
	'end.committed': 'The end and all that follows from it are committed; nobody is answered.',
	'subTasks.created': 'Some of the sub-tasks of a step are made and committed; the others are not, and the step still runs.',
	'subTasks.counted': 'Sub-tasks that have ended or paused are counted in an open transaction; nobody is enqueued.',
	'subTasks.told': 'The task that started them is about to look at the counts of its sub-tasks; nothing is decided.',
	'subTasks.resumed': 'The first of the paused sub-tasks is resumed with its parent; the others are still paused.',
	'subTasks.cascaded': 'Those sub-tasks of a page that had not begun are cancelled with their parent; the others are not asked yet.',
	'bulk.itemStored': 'The id of the task that a rerun is to make is stored with its item; there is no such task.',
	'bulk.itemDone': 'A bulk has done something about items; that is not stored with them.',
	'recovery.jobsReleased': 'The jobs of a dead child are given back; its attempts still count as running.',
	'recovery.groupEnded': 'The commands of a lost attempt are killed; they are not forgotten.',
	'recovery.beforeLost': 'Nothing runs any more for a lost attempt; it still counts as running.',
	'recovery.afterLost': 'An attempt is recorded as lost; its child does not count as recovered.',
	'sweep.fired': 'Timers have fired and still stand.',
	'sweep.found': 'Tasks without a job are found; none is enqueued.',
} as const

export type FailurePoint = keyof typeof failurePoints

/** @param subject the task that is at this point, where it is one */
export type FailurePointHook = (name: FailurePoint, subject?: string) => Promise<void>

/** Null in production: nobody has set a hook. */
export const atFailurePoint: FailurePointHook | null =
	(globalThis as { readonly [key: symbol]: FailurePointHook | undefined })[Symbol.for('taskyard.failurePoints')] ?? null
