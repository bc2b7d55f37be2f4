/** `scheme://user:password@host`. In the address of a database a password may hold anything, also a stray `/` or `@`. */
const inDatabaseAddress = /\b(postgres(?:ql)?:\/\/[^\s:/@"']*):[^\s"']+@/gi
const inAddress = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s@/"']+@/gi
const asParameter = /\b(password|passwd|pgpassword|sslpassword)=[^\s&"'\\]+/gi

/** The text with the passwords of addresses masked: what leaves a process goes through this. */
export function maskPasswords(text: string): string {
	return text.replace(inDatabaseAddress, '$1:•••@').replace(inAddress, '$1:•••@').replace(asParameter, '$1=•••')
}
