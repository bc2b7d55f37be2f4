/** How the SQL of a step reads values: as an author would write them, and without a loss. */

import { parseJson } from '@taskyard/model/json'
import pg from 'pg'
import { storeTypes } from './connection.ts'

const jsonOid = 114
const jsonbOid = 3802
const timestamptzOid = 1184

/** JSON as its value, with `bigint` where a number would not be exact; instants as a Date; all else as the store reads it. */
export const stepTypes: pg.CustomTypesConfig = {
	getTypeParser(oid: number, format?: string) {
		if (format !== 'binary') {
			if (oid === jsonOid || oid === jsonbOid) return parseJson
			if (oid === timestamptzOid) return pg.types.getTypeParser(timestamptzOid, 'text')
		}
		return storeTypes.getTypeParser(oid, format === 'binary' ? 'binary' : 'text')
	},
}
