/** Loaded before anything else of a process: its `Date` is so many hours off. */

const off = Number(process.env.TASKYARD_HOURS_OFF ?? 0) * 3_600_000
const RealDate = Date

globalThis.Date = new Proxy(RealDate, {
	construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [target.now() + off] : given, made) as object,
	apply: (target) => new target(target.now() + off).toString(),
	get: (target, name, receiver) => (name === 'now' ? () => target.now() + off : (Reflect.get(target, name, receiver) as unknown)),
})
