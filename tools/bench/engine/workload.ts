/** The work that every engine does in a round. */

export const taskLabel = 'Bench::Nothing'
export const stepsPerTask = 10
