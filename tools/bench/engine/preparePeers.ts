/** Peers before the rounds: installed, tried with different settings, warm. */

import { mkdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { connectionOptions, type Pool, withDatabase } from '@taskyard/store/connection'
import { figure, median } from '../cases.ts'
import { installPeer } from './installPeer.ts'
import { openPeer, type Peer } from './peer.ts'
import { type PeerPlan, peerPlans, type PeerSettings } from './peers.ts'
import type { PeerName } from './targets.ts'
import { type CaseName, type Load, type Sample, type Sizes } from './workload.ts'

export interface ReadyPeer {
	readonly plan: PeerPlan
	readonly peer: Peer
}

export interface PeerPlace {
	readonly admin: Pool
	readonly url: string
	/** For the files of servers of their own; on the disk of ours. */
	readonly directory: string
	readonly sizes: Sizes
	readonly say: (line: string) => void
}

/** Opens the peers of these cases, each with the fastest of its settings. Says which cannot be had, and why. */
export async function preparePeers(cases: ReadonlySet<CaseName>, place: PeerPlace): Promise<ReadyPeer[]> {
	const ready: ReadyPeer[] = []
	const missing = new Set<PeerName>()
	for (const plan of peerPlans) {
		if (missing.has(plan.name) || !plan.cases.some((name) => cases.has(name))) continue
		try {
			const why = installPeer(plan.folder, place.say)
			if (why) throw new Error(why)
			ready.push({ plan, peer: await openFastest(plan, cases, place) })
		} catch (error) {
			missing.add(plan.name)
			place.say(`${plan.name} is missing: ${(error as Error).message}`)
		}
	}
	return ready
}

async function openFastest(plan: PeerPlan, cases: ReadonlySet<CaseName>, place: PeerPlace): Promise<Peer> {
	const { sizes, say } = place
	const candidates = plan.candidates.slice(0, sizes.candidates)
	const trialOf = plan.cases.find((name) => cases.has(name)) as CaseName
	let best: { settings: PeerSettings; pace: number } | null = null
	if (candidates.length > 1) {
		for (const settings of candidates) {
			const peer = await openAfresh(plan, settings, place)
			try {
				// Once to warm it up, once to look.
				await paceOf(peer, trialOf, sizes)
				const pace = await paceOf(peer, trialOf, sizes)
				if (!best || pace < best.pace) best = { settings, pace }
			} finally {
				await peer.stop()
			}
		}
	}
	const settings = best?.settings ?? (candidates[0] as PeerSettings)
	const peer = await openAfresh(plan, settings, place)
	for (const name of plan.cases.filter((one) => cases.has(one))) await paceOf(peer, name, sizes)
	const storage = await peer.storage()
	say(
		`${plan.name} (${plan.cases.join(', ')}; keeps ${plan.keeps}): ${describe(settings)}${best ? `, the fastest of ${candidates.length} settings tried` : ''}${storage ? `; ${storage}` : ''}`,
	)
	return peer
}

/** Milliseconds of a task; of a case that is none of its own, those of the durable one. */
async function paceOf(peer: Peer, name: CaseName, sizes: Sizes): Promise<number> {
	const what: Load | Sample | 'fanOut' = name === 'cost' || name === 'bulk' || name === 'limited' ? 'durable' : name
	const times = sizes.trial[what]
	if (what === 'fanOut') return (await peer.fanOut(times)) / times
	return what === 'first' || what === 'ten' || what === 'event'
		? median(await peer.sample(what, times))
		: (await peer.run(what, times)) / times
}

let opened = 0

/** In a database or directory of its own, empty. */
async function openAfresh(plan: PeerPlan, settings: PeerSettings, { admin, url, directory }: PeerPlace): Promise<Peer> {
	const name = `peer_${++opened}`
	if (plan.storage === 'postgresql') {
		await admin.query(`create database ${name}`)
		const { host, port, user, database } = connectionOptions(withDatabase(url, name))
		return openPeer(plan, settings, { connection: { host, port, user, database } })
	}
	const own = path.join(directory, name)
	rmSync(own, { recursive: true, force: true })
	mkdirSync(own, { recursive: true })
	// The name of a socket may not be long, and a directory of the project may be deep.
	return openPeer(plan, settings, { directory: own, socket: path.join(os.tmpdir(), `taskyard-bench-${process.pid}-${opened}.sock`) })
}

const describe = (settings: PeerSettings): string =>
	Object.entries(settings)
		.map(([name, value]) => `${name} ${typeof value === 'number' ? figure(value) : JSON.stringify(value)}`)
		.join(', ')
