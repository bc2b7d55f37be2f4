/** Seals and opens sensitive values: AES-256-GCM, the id of the key beside the text. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { parseJson } from '@taskyard/model/json'
import { referredPart } from '@taskyard/model/references'
import { type Sealed, sealedKey } from '@taskyard/model/sensitive/sealed'
import { type Keyring, SealFault } from './keyring.ts'

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

export interface Opened {
	readonly value: unknown
	/** Other secrets that the value was made of. */
	readonly known: readonly string[]
}

/**
 * JSON text of the sealed form of a value.
 *
 * @param json JSON text of the value
 * @param known secrets that it contains, for whoever opens it and logs only one of them
 * @throws SealFault when there is no key
 */
export function seal(keyring: Keyring, json: string, known: readonly string[] = []): string {
	const { id, secret } = keyring.current()
	const iv = randomBytes(ivBytes)
	const cipher = createCipheriv(algorithm, secret, iv).setAAD(Buffer.from(id))
	// The value first, as its own text: a number in it may be larger than JavaScript's.
	const plain = known.length === 0 ? `[${json}]` : `[${json},${JSON.stringify(known)}]`
	const encrypted = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
	const text = Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64')
	const sealed: { readonly [sealedKey]: Sealed } = { [sealedKey]: { key: id, text } }
	return JSON.stringify(sealed)
}

/** @throws SealFault naming the key that is missing, and where keys are looked for */
export function open(keyring: Keyring, { key: id, text, path = [] }: Sealed): Opened {
	const key = keyring.find(id)
	if (!key) {
		throw new SealFault(
			`A sensitive value is sealed with the key "${id}", which this process does not have. It looks in ${keyring.places}: add the key there, then try again.`,
		)
	}
	const bytes = Buffer.from(text, 'base64')
	try {
		const decipher = createDecipheriv(algorithm, key.secret, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
			.setAAD(Buffer.from(id))
			.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
		const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()])
		const [value, known = []] = parseJson(plain.toString('utf8')) as [unknown, string[]?]
		return { value: referredPart(value, path), known }
	} catch (error) {
		throw new SealFault(
			`A sensitive value does not open with the key "${id}": the key of this id is another one than it was sealed with, or the text was changed. Keys are looked for in ${keyring.places}.`,
			{ cause: error },
		)
	}
}
