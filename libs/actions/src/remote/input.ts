/** What a remote action is given. Durations are seconds. */

import { wrongUrl } from '@taskyard/sdk/callableUrl'
import { z } from 'zod'

/** A day, in seconds. */
const day = 86_400

const address = z.string().superRefine((text, check) => {
	const wrong = wrongUrl(text.replaceAll('{key}', 'key'))
	if (wrong) check.addIssue({ code: 'custom', message: `the address ${wrong}` })
})

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'expected the name of a header')
const headerValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected one line of text')

const polling = z.strictObject({
	interval: z
		.number()
		.min(0.05)
		.max(day)
		.default(5)
		.meta({ title: 'First wait', description: 'Seconds before the first look, and after each that found another state.' }),
	factor: z
		.number()
		.min(1)
		.max(100)
		.default(1.5)
		.meta({ title: 'Factor', description: 'How much longer each wait is than the one before.' }),
	max: z.number().min(0.05).max(day).default(60).meta({ title: 'Longest wait', description: 'In seconds.' }),
	failures: z
		.int()
		.min(1)
		.max(1_000)
		.default(10)
		.meta({ title: 'Failures', description: 'Looks in a row without a proper answer that fail the step.' }),
})

const answering = z.strictObject({
	timeout: z
		.number()
		.positive()
		.max(366 * day)
		.optional()
		.meta({ title: 'Time limit', description: 'Seconds in which the service must have called; none when left out.' }),
})

export const input = z
	.strictObject({
		url: address.meta({ title: 'Address', description: 'Where the work is started, with POST.' }),
		body: z.json().optional().meta({ title: 'Body', description: 'What is sent there, as JSON.' }),
		headers: z
			.record(headerName, headerValue)
			.default({})
			.meta({ title: 'Headers', description: 'Of every request, e.g. Authorization.', sensitive: true }),
		start_timeout: z
			.number()
			.positive()
			.max(30 * day)
			.default(1_800)
			.meta({ title: 'Time to start', description: 'Seconds in which the service must have accepted the work and begun it.' }),
		proxy_action_retry_count: z
			.int()
			.min(0)
			.max(1_000)
			.default(4)
			.meta({ title: 'Retries', description: 'How often a start that failed is repeated.' }),
		retry_interval: z.number().min(0).max(day).default(15).meta({ title: 'Retry interval', description: 'Seconds between two starts.' }),
		poll: polling
			.optional()
			.meta({ title: 'Poll', description: 'Look after the task resource that the service answers with. This is the default.' }),
		callback: answering
			.optional()
			.meta({ title: 'Callback', description: 'Wait until the service calls the callback_url that is sent in the body.' }),
		cancel_url: address.optional().meta({
			title: 'Address for a cancel',
			description: 'Called with POST; {key} stands for the idempotency key. Default: PATCH {"state": "canceled"} of the task resource.',
		}),
	})
	.superRefine(({ poll, callback, body }, check) => {
		if (poll && callback) check.addIssue({ code: 'custom', path: ['callback'], message: 'expected either poll or callback, found both' })
		if (poll && poll.max < poll.interval)
			check.addIssue({ code: 'custom', path: ['poll', 'max'], message: `expected no less than poll.interval, ${poll.interval}` })
		if (callback && body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body)))
			check.addIssue({ code: 'custom', path: ['body'], message: 'expected an object, to which callback_url is added' })
	})

export type RemoteInput = z.input<typeof input>
export type Given = z.output<typeof input>

/** How it is looked after when nothing is said. */
export const usualPolling: z.output<typeof polling> = polling.parse({})
