/** Addresses that somebody gives to be called at: which of them may be. */

import { isIP } from 'node:net'

/** Hosts that answer with the secrets of the machine itself, on the common clouds. */
const forbidden = /^(169\.254\.\d+\.\d+|\[?fe80:.*|\[?fd00:ec2::254\]?|metadata\.google\.internal)$/i

/** Hosts that may be called, from the environment; null for any but those that are never called. */
function allowedHosts(): readonly string[] | null {
	const list = process.env['CALLBACK_HOSTS']
	return list === undefined || list.trim() === '' ? null : list.split(',').map((host) => host.trim().toLowerCase())
}

/** Why an address cannot be called, as the end of a sentence; null when it can. */
export function wrongUrl(text: string): string | null {
	if (text.length > 2_000) return 'has more than 2000 characters'
	let url: URL
	try {
		url = new URL(text)
	} catch {
		return 'is no URL, such as https://example.org/tasks/7/cancel'
	}
	if (url.protocol !== 'https:' && url.protocol !== 'http:') return `begins with ${url.protocol}, and only http: and https: can be called`
	if (url.username !== '' || url.password !== '') return 'contains a password, which everybody could read who sees the task'
	const host = url.hostname.toLowerCase()
	if (forbidden.test(host) || (isIP(host) === 4 && host.startsWith('0.'))) return `names ${host}, which is never called`
	const allowed = allowedHosts()
	if (allowed && !allowed.includes(host)) return `names ${host}, and CALLBACK_HOSTS allows ${allowed.join(', ')}`
	return null
}
