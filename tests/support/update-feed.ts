import { createHash } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const FILE = 'lanyard-linux-x64.AppImage'
/** Bytes that the stand-in is blown up to, so that it comes in pieces. */
const SIZE = 300_000

/** What a feed does wrong. */
export type Wrong = 'nothing' | 'hash' | 'cut' | 'older' | 'missing'

/** A place of updates on loopback, as a release has one. */
export interface UpdateFeed {
  wrong: Wrong
  /** How often the file was asked for. */
  readonly fetched: () => number
  /** The file that tells the program where updates are. */
  readonly config: string
  readonly close: () => Promise<void>
}

/**
 * Returns a program that stands in for an AppImage: the runtime of a real one is told by a variable not to start when it is
 * only installed. Started, it writes down that it was.
 */
export const standIn = (name: string, started: string): Buffer => {
  const script = `#!/bin/sh\n[ -n "$APPIMAGE_EXIT_AFTER_INSTALL" ] || echo ${name} > '${started}'\nexit 0\n`
  return Buffer.from(`${script}${'#'.repeat(SIZE - script.length)}`)
}

/** Writes the stand-in down as a file that can be started. */
export async function installStandIn(path: string, content: Buffer): Promise<void> {
  await writeFile(path, content)
  await chmod(path, 0o755)
}

/** Serves `content` as the given version. */
export async function updateFeed(folder: string, version: string, content: Buffer): Promise<UpdateFeed> {
  const state = { wrong: 'nothing' as Wrong, fetched: 0 }
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://feed').pathname
    if (state.wrong === 'missing') response.writeHead(404).end()
    else if (path === '/latest-linux.yml') response.end(listing(state.wrong, version, content))
    else if (path === `/${FILE}`) {
      state.fetched++
      answer(response, state.wrong, content)
    } else response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const config = join(folder, 'app-update.yml')
  await writeFile(
    config,
    `provider: generic\nurl: http://127.0.0.1:${port}\nupdaterCacheDirName: lanyard-updater-${port}\n`,
  )
  return {
    get wrong() {
      return state.wrong
    },
    set wrong(wrong) {
      state.wrong = wrong
    },
    fetched: () => state.fetched,
    config,
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done()
        })
        server.closeAllConnections()
      }),
  }
}

function listing(wrong: Wrong, version: string, content: Buffer): string {
  const of = wrong === 'hash' ? Buffer.from('another file') : content
  const sha512 = createHash('sha512').update(of).digest('base64')
  const told = wrong === 'older' ? '0.0.1' : version
  const entry = `  - url: ${FILE}\n    sha512: ${sha512}\n    size: ${content.length}\n`
  return `version: ${told}\nfiles:\n${entry}path: ${FILE}\nsha512: ${sha512}\nreleaseDate: '2026-11-30T00:00:00.000Z'\n`
}

function answer(response: ServerResponse, wrong: Wrong, content: Buffer): void {
  response.writeHead(200, { 'content-length': content.length })
  if (wrong !== 'cut') response.end(content)
  else response.write(content.subarray(0, content.length / 2), () => response.destroy())
}
