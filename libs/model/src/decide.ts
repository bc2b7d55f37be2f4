/**
 * The one door for each change of state: a task, a fact, and what follows, as data. Nothing here has an effect; the
 * engine writes the decision, bound to the revision it was decided on.
 */

import type { Decision } from './decision.ts'
import { Draft } from './draft.ts'
import type { Fact, FactOf } from './facts.ts'
import {
	askToCancel,
	askToCancelStep,
	askToPause,
	confirm,
	endAtDeadline,
	endStepAtDeadline,
	forceUnlock,
	notePhase,
	noteRerun,
	resume,
	resumeUnlocked,
	retryStep,
	skipStep,
	stopAtOnce,
	unlock,
	withdrawPause,
} from './moves/commands.ts'
import { beginRunning, failPlanning, joinLine, keepPlan, pauseForLocks, planAgain, startPlanning } from './moves/planning.ts'
import { completeStep, endCancelledStep, failStep, handBackStep, noteWait, recoverStep, startStep } from './moves/steps.ts'
import { close, keepEvent, noteEvent, noteReport, noteSubTasks, suspendStep } from './moves/suspension.ts'
import { wake } from './moves/times.ts'
import type { Task } from './task.ts'
import { type Move, taskRules } from './transitions.ts'

/** What follows from the fact, by the table of rules. */
export function decide(task: Task, fact: Fact): Decision {
	const rule = taskRules[task.state][fact.kind]
	if ('ignored' in rule) return { kind: 'ignored', reason: rule.ignored }
	if ('refused' in rule) return { kind: 'refused', code: rule.refused, because: rule.because }
	return carryOut(rule.move, new Draft(task), fact)
}

function carryOut(move: Move, draft: Draft, fact: Fact): Decision {
	switch (move) {
		case 'startPlanning':
			return startPlanning(draft, fact as FactOf<'claimed'>)
		case 'keepPlan':
			return keepPlan(draft, fact as FactOf<'planned'>)
		case 'failPlanning':
			return failPlanning(draft, fact as FactOf<'plan_failed'>)
		case 'planAgain':
			return planAgain(draft, fact as FactOf<'attempt_lost' | 'attempt_handed_back'>)
		case 'beginRunning':
			return beginRunning(draft, fact as FactOf<'claims_granted'>)
		case 'pauseForLocks':
			return pauseForLocks(draft, fact as FactOf<'claims_refused'>)
		case 'joinLine':
			return joinLine(draft, fact as FactOf<'claims_queued'>)
		case 'noteWait':
			return noteWait(draft, fact as FactOf<'declined'>)
		case 'startStep':
			return startStep(draft, fact as FactOf<'activated'>)
		case 'completeStep':
			return completeStep(draft, fact as FactOf<'step_succeeded'>)
		case 'failStep':
			return failStep(draft, fact as FactOf<'step_failed'>)
		case 'endCancelledStep':
			return endCancelledStep(draft, fact as FactOf<'step_cancelled'>)
		case 'suspendStep':
			return suspendStep(draft, fact as FactOf<'step_suspended'>)
		case 'keepEvent':
			return keepEvent(draft, fact as FactOf<'event_sent'>)
		case 'noteEvent':
			return noteEvent(draft, fact as FactOf<'event_sent'>)
		case 'noteSubTasks':
			return noteSubTasks(draft, fact as FactOf<'sub_tasks_changed'>)
		case 'noteReport':
			return noteReport(draft, fact as FactOf<'reported'>)
		case 'close':
			return close(draft, fact as FactOf<'closed'>)
		case 'recoverStep':
			return recoverStep(draft, fact as FactOf<'attempt_lost'>)
		case 'handBackStep':
			return handBackStep(draft, fact as FactOf<'attempt_handed_back'>)
		case 'wake':
			return wake(draft, fact.at)
		case 'notePhase':
			return notePhase(draft)
		case 'endAtDeadline':
			return endAtDeadline(draft, fact.at)
		case 'stopAtOnce':
			return stopAtOnce(draft, fact as FactOf<'cancel_asked'>)
		case 'askToCancel':
			return askToCancel(draft, fact as FactOf<'cancel_asked'>)
		case 'endStepAtDeadline':
			return endStepAtDeadline(draft, fact as FactOf<'step_cancel_deadline'>)
		case 'confirm':
			return confirm(draft, fact as FactOf<'confirm_asked'>)
		case 'askToPause':
			return askToPause(draft, fact as FactOf<'pause_asked'>)
		case 'withdrawPause':
			return withdrawPause(draft, fact as FactOf<'resume_asked'>)
		case 'resume':
			return resume(draft, fact as FactOf<'resume_asked'>)
		case 'resumeUnlocked':
			return resumeUnlocked(draft, fact as FactOf<'resume_asked'>)
		case 'retryStep':
			return retryStep(draft, fact as FactOf<'retry_step_asked'>)
		case 'skipStep':
			return skipStep(draft, fact as FactOf<'skip_step_asked'>)
		case 'askToCancelStep':
			return askToCancelStep(draft, fact as FactOf<'cancel_step_asked'>)
		case 'unlock':
			return unlock(draft, fact as FactOf<'unlock_asked'>)
		case 'forceUnlock':
			return forceUnlock(draft, fact as FactOf<'force_unlock_asked'>)
		case 'noteRerun':
			return noteRerun(draft, fact as FactOf<'rerun_asked'>)
	}
}
