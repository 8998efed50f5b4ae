// SQLite's library looks for its .wasm in the folder of the file that it stands in. Bundled, that is a chunk of ours.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'

const NAME = 'node-sqlite3-wasm.wasm'

/**
 * Puts the .wasm beside each chunk that holds the library.
 * @returns {import('vite').Plugin}
 */
export const sqliteWasm = () => ({
  name: 'lanyard:sqlite-wasm',
  generateBundle(_, bundle) {
    const source = () => readFileSync(join(dirname(createRequire(import.meta.url).resolve('node-sqlite3-wasm')), NAME))
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !chunk.moduleIds.some((id) => id.includes('/node-sqlite3-wasm/'))) continue
      const fileName = posix.join(posix.dirname(chunk.fileName), NAME)
      if (!(fileName in bundle)) this.emitFile({ type: 'asset', fileName, source: source() })
    }
  },
})
