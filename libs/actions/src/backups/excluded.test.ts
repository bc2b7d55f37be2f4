import { describe, expect, test } from 'vitest'
import { excludes } from './excluded.ts'

describe('excludes', () => {
	test.each([
		['*.log', 'a.log', false, true],
		['*.log', 'deep/er/.hidden.log', false, true],
		['*.log', 'a.log.gz', false, false],
		['node_modules', 'a/node_modules', true, true],
		['node_modules', 'a/node_modules.txt', false, false],
		['/build', 'build', true, true],
		['/build', 'a/build', true, false],
		['cache/**', 'cache/x/.y', false, true],
		['cache/**', 'a/cache/x', false, false],
		['**/cache/*', 'a/cache/x', false, true],
		['tmp/', 'a/tmp', true, true],
		['tmp/', 'a/tmp', false, false],
		['*.{jpg,png}', 'a/b.png', false, true],
		['[ab]?', 'x/b1', false, true],
		['#x', '#x', false, true],
		['!x', '!x', false, true],
		['!x', 'y', false, false],
	])('%s: %s (directory: %s) is %s', (pattern, path, isDirectory, expected) => {
		expect(excludes([pattern])(path, isDirectory)).toBe(expected)
	})
})
