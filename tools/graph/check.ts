import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { type Import, importsOf, importsOfRoom, isTest, relativeTarget } from './imports.ts'
import { developmentRoom, type Room, rooms, supervisor } from './rooms.ts'

const scope = '@taskyard/'

const nameOf = (target: string): string => target.slice(scope.length).split('/')[0] ?? ''

/** The part of the table that allows this import, `engine/commands/*` before `engine`. */
function allows(room: Room, target: string): boolean {
	const inside = target.slice(scope.length)
	return room.mayImport.some((door) =>
		door.endsWith('/*') ? inside.startsWith(door.slice(0, -1)) : inside === door || inside.startsWith(`${door}/`),
	)
}

const roomNames = (room: Room): string[] => room.mayImport.map((door) => door.split('/')[0] ?? door)

/** What the manifest of a room declares against the table. */
function manifestFaults(root: string, name: string, room: Room): string[] {
	const file = `${room.path}/package.json`
	if (!existsSync(join(root, file)))
		return [`${file} is missing: the table of rooms names ${name}. Write it, or take the room from tools/graph/rooms.ts.`]
	const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, Record<string, string> | undefined>
	const faults: string[] = []
	const allowed = roomNames(room)
	for (const dependency of Object.keys(manifest['dependencies'] ?? {}).filter((one) => one.startsWith(scope))) {
		const target = nameOf(dependency)
		if (!allowed.includes(target)) faults.push(`${file}: ${name} may not depend on ${target}; allowed: ${allowed.join(', ') || 'no room'}.`)
	}
	for (const dependency of Object.keys(manifest['devDependencies'] ?? {}).filter((one) => one.startsWith(scope))) {
		const target = nameOf(dependency)
		if (target !== developmentRoom && !allowed.includes(target)) {
			faults.push(`${file}: ${name} may not depend on ${target}, for tests neither; allowed: ${[...allowed, developmentRoom].join(', ')}.`)
		}
	}
	return faults
}

function faultOf(found: Import, name: string, room: Room): string | undefined {
	const at = `${found.file}:${found.line}`
	const { target } = found
	if (target.startsWith('.')) {
		const resolved = relativeTarget(found.file, target)
		if (isTest(resolved) && !isTest(found.file)) return `${at}: ${target} is for tests only.`
		return resolved.startsWith(`${room.path}/`)
			? undefined
			: `${at}: ${target} leaves the room ${name}; go through a door: ${scope}ROOM/FILE.`
	}
	if (target.startsWith(scope)) {
		if (nameOf(target) === developmentRoom) {
			return isTest(found.file) ? undefined : `${at}: ${target} is for tests only.`
		}
		return allows(room, target) ? undefined : `${at}: ${name} may not import ${target}; allowed: ${room.mayImport.join(', ') || 'no room'}.`
	}
	if (room.pure && isBuiltin(target) && !isTest(found.file)) return `${at}: ${name} is pure and may not import ${target} of Node.js.`
	return undefined
}

/** Files of the supervisor and what they import of author code. Types leave no trace, dynamic imports run in a child only. */
function supervisorFaults(root: string): string[] {
	const faults: string[] = []
	const seen = new Set<string>()
	const visit = (file: string, way: readonly string[]): void => {
		if (seen.has(file) || !existsSync(join(root, file))) return
		seen.add(file)
		for (const found of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
			if (found.typeOnly || found.dynamic) continue
			if (found.target.startsWith('.')) visit(relativeTarget(file, found.target), [...way, file])
			else if (found.target.startsWith(scope)) {
				const [name = '', ...inside] = found.target.slice(scope.length).split('/')
				if (supervisor.mustNotImport.includes(name)) {
					faults.push(
						`${file}:${found.line}: the supervisor of a worker imports ${found.target} (${[...way, file].join(' → ')}); author code runs in children only.`,
					)
				} else {
					const path = rooms.get(name)?.path
					if (path !== undefined) visit(`${path}/src/${inside.join('/')}.ts`, [...way, file])
				}
			}
		}
	}
	visit(supervisor.entry, [])
	return faults
}

/** Everything in which manifests and sources differ from the table of rooms, each with its place. */
export function graphFaults(root: string): string[] {
	const perRoom = [...rooms].flatMap(([name, room]) => [
		...manifestFaults(root, name, room),
		...importsOfRoom(root, room.path).flatMap((found) => faultOf(found, name, room) ?? []),
	])
	return [...perRoom, ...supervisorFaults(root)]
}
