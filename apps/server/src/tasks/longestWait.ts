/** Longest time that a request waits for a task, in seconds. */
export const longestWait = 300
