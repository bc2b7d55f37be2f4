/** How often two things race in a test: a thousand times in the nightly, and as often in `npm test` as a slow machine has time for. */
export const raceRounds = process.env.TASKYARD_NIGHTLY === undefined ? 200 : 1_000
