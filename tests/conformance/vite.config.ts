import { resolve } from 'node:path'
import { defineConfig } from 'vite'

// The kit as a program for Node.
export default defineConfig({
  logLevel: 'warn',
  build: {
    ssr: true,
    target: 'node20.18',
    outDir: resolve('out/conformance'),
    emptyOutDir: true,
    rolldownOptions: { input: { main: resolve('tests/conformance/main.ts') } },
  },
})
