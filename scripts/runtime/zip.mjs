// The few entries that we want out of a big zip. No unzip program is needed.
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** The upper half of an entry's attributes is its mode, where it was packed on a Unix. @param {import('yauzl').Entry} entry */
const modeOf = ({ externalFileAttributes }) => (externalFileAttributes >>> 16) & 0o777 || 0o644

/**
 * Unpacks the entries that have a place. An entry that is cut or not of its size ends it with an error.
 * @param {string} zip
 * @param {string} folder
 * @param {(name: string) => string | null} place where an entry goes below the folder; null leaves it out
 */
export async function unzip(zip, folder, place) {
  // Not before: on a bare checkout this file is loaded before there are packages.
  const { default: yauzl } = await import('yauzl')
  const file = await yauzl.openPromise(zip, { autoClose: false })
  try {
    for await (const entry of file.eachEntry()) {
      const to = entry.fileName.endsWith('/') ? null : place(entry.fileName)
      if (to === null) continue
      const target = join(folder, to)
      mkdirSync(dirname(target), { recursive: true })
      await pipeline(await file.openReadStreamPromise(entry), createWriteStream(target, { mode: modeOf(entry) }))
    }
  } finally {
    file.close()
  }
}
