/** What the steps of a backup hand to each other. Lists of files are kept as columns: outputs are stored as JSON. */

import { z } from 'zod'

/** What was left out of an archive, and why. */
const skipped = z.array(z.object({ path: z.string(), reason: z.string() }))
export type Skipped = z.output<typeof skipped>

/** A directory as the scan found it. All paths are relative to its root. */
export const scanOutput = z.object({
	root: z.string(),
	/** Regular files in a fixed order, and their sizes. */
	paths: z.array(z.string()),
	sizes: z.array(z.int()),
	directories: z.array(z.string()),
	symlinks: z.array(z.string()),
	skipped,
	/** Sum of the sizes. */
	bytes: z.int(),
})
export type Scan = z.output<typeof scanOutput>

/** Share `share` of `shares` takes the files whose place in the scan leaves that rest. */
export const checksumOutput = z.object({
	/** SHA-256 in hexadecimal; null for a file that had vanished when a failed step was tried again. */
	sha256: z.array(z.string().nullable()),
	bytes: z.int(),
})

const packedFile = z.object({
	path: z.string(),
	size: z.int(),
	sha256: z.string(),
	/** The content is not the one that the checksum was made of: it was taken by a new try, after a failure. */
	changed: z.literal(true).optional(),
})
export type PackedFile = z.output<typeof packedFile>

/** What an archive holds, as it was packed. */
export const manifest = z.object({
	archive: z.string(),
	/** Size and checksum of the archive itself. */
	bytes: z.int(),
	sha256: z.string(),
	files: z.array(packedFile),
	directories: z.array(z.string()),
	symlinks: z.array(z.string()),
	skipped,
})
export type Manifest = z.output<typeof manifest>
