import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = 'http://127.0.0.1:4180'

export default defineConfig({
	plugins: [react()],
	build: { target: 'es2023', sourcemap: true, reportCompressedSize: false },
	server: {
		// The server answers its own origin only, so the proxy speaks as one that came from there.
		proxy: { '/graphql': { target: server, ws: true, changeOrigin: true, headers: { origin: server } } },
	},
})
