/** The queue's tables, for who migrates a database: `migrate(url, { also: [installQueue] })`. */
export { installQueue } from '@taskyard/dispatch/migrate'
