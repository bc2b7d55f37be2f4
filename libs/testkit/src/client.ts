/** The client for programs, for tests of the rooms that may not import author code. */

export { connect } from '@taskyard/sdk/client'
