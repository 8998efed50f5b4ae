import { resolve } from 'node:path'
import { defineConfig } from 'vite'

// The bench, and the programs that it starts as processes of their own.
export default defineConfig({
  logLevel: 'warn',
  build: {
    ssr: true,
    target: 'node20.18',
    outDir: resolve('out/bench'),
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        main: resolve('bench/main.ts'),
        'hub-child': resolve('bench/hub/hub-child.ts'),
        'peer-child': resolve('bench/hub/peer-child.ts'),
        'cipher-thread': resolve('bench/cipher/thread.ts'),
        'http-child': resolve('bench/http/http-child.ts'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
})
