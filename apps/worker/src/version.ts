/** Version of Taskyard, shown with each worker. */
export const version = '0.1.0'
