import { rooms } from './rooms.ts'

const start = '<!-- rooms:start -->'
const end = '<!-- rooms:end -->'

/** What a room reaches through others is left out: the picture shows the shortest way only. */
function directDoors(name: string): string[] {
	const doors = (rooms.get(name)?.mayImport ?? []).map((door) => door.split('/')[0] ?? door)
	const reach = (from: string): string[] =>
		(rooms.get(from)?.mayImport ?? []).flatMap((door) => [door.split('/')[0] ?? door, ...reach(door.split('/')[0] ?? door)])
	return doors.filter((door) => !doors.some((other) => other !== door && reach(other).includes(door)))
}

/** The rooms as a Mermaid graph: apps on top, arrows to what they import. */
export function drawing(): string {
	const names = [...rooms]
	const inside = (folder: string) => names.filter(([, room]) => room.path.startsWith(folder)).map(([name]) => `    ${name}`)
	const pure = names.filter(([, room]) => room.pure).map(([name]) => name)
	return [
		'```mermaid',
		'graph TD',
		'  subgraph apps',
		...inside('apps/'),
		'  end',
		'  subgraph libs',
		...inside('libs/'),
		'  end',
		...names.toReversed().flatMap(([name]) => directDoors(name).map((door) => `  ${name} --> ${door}`)),
		'  classDef pure stroke-dasharray: 4 3',
		`  class ${pure.join(',')} pure`,
		'```',
	].join('\n')
}

/** The text with the drawing between its markers; undefined when the markers are missing. */
export function withDrawing(text: string): string | undefined {
	const from = text.indexOf(start)
	const to = text.indexOf(end)
	if (from < 0 || to < from) return undefined
	return `${text.slice(0, from + start.length)}\n${drawing()}\n${text.slice(to)}`
}
