import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const server = 'http://127.0.0.1:4180'

/** Compresses what the build wrote, once, so that the server never has to. */
function compress(): Plugin {
	return {
		name: 'compress',
		apply: 'build',
		writeBundle({ dir = 'dist' }, bundle) {
			for (const name of Object.keys(bundle)) {
				if (!/\.(?:js|css|html|svg)$/.test(name)) continue
				const file = join(dir, name)
				const content = readFileSync(file)
				writeFileSync(`${file}.gz`, gzipSync(content))
				writeFileSync(`${file}.br`, brotliCompressSync(content))
			}
		},
	}
}

export default defineConfig({
	plugins: [react(), compress()],
	build: { target: 'es2023', sourcemap: true, reportCompressedSize: false },
	server: {
		// The server answers its own origin only, so the proxy speaks as one that came from there.
		proxy: { '/graphql': { target: server, ws: true, changeOrigin: true, headers: { origin: server } } },
	},
})
