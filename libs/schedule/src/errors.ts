/** What is wrong with a schedule, with the place. */

/** A piece of a member, with its place. */
export interface Piece {
	readonly start: number
	readonly text: string
}

/** Why a schedule cannot be read. */
export interface ScheduleError {
	/** Says where, what was expected, and what was found. */
	readonly message: string
	/** Number of the member in a list, from 0; 0 when there is no list. */
	readonly member: number
	/** The offending piece of that member: from `start` up to, not including, `end`. */
	readonly start: number
	readonly end: number
}

/** Leaves the parser at the first thing that is wrong; `parse` turns it into a result. */
export class Fault extends Error {
	override readonly name = 'Fault'
	readonly piece: Piece

	constructor(piece: Piece, expected: string) {
		super(`expected ${expected}, found ${piece.text === '' ? 'nothing' : `“${piece.text}”`}`)
		this.piece = piece
	}
}
