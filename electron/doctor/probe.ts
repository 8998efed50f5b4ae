import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import type { Known, SystemFacts, Unknown } from './evidence.ts'

/** What a probe is asked about. */
export interface Asked {
  /** The adapter of the address in the code; null: there is none. */
  readonly adapter: string | null
  /** TCP port of the hub. */
  readonly port: number
  /** Path of this program, for firewalls that go by programs. */
  readonly program: string
}

/** Asks one system for its facts, by that system's own tools. */
export interface Probe {
  /** Asks for the table of neighbours alone, by one small program. Missing where any question takes seconds. */
  readonly neighbours?: () => Promise<SystemFacts['neighbours']>
  look(asked: Asked): Promise<SystemFacts>
}

/** What a tool wrote and how it ended; or why that is not known. */
export type Ran = { readonly out: string; readonly code: number } | { readonly unknown: Unknown }

/** Runs a tool of the system, without a shell, within bounds. Never throws. */
export type Run = (program: string, args: readonly string[]) => Promise<Ran>

/** An address of a network that is for examples only (RFC 5737): nothing is ever sent there, the way to it is looked up. */
export const FAR_AWAY = '198.51.100.1'

/** ms: PowerShell takes seconds to start on a slow computer. */
const RUN_MS = 10_000
const OUT_BYTES_MAX = 1_048_576

/** Desktop sessions of some systems lack the folders of the administrator's tools, which anybody may run. */
const PLACES: Partial<Record<NodeJS.Platform, string>> = { linux: ':/usr/sbin:/sbin', darwin: ':/usr/sbin:/sbin' }

/** Returns what runs tools for so many ms at most. */
export const toolRunner =
  (timeout: number): Run =>
  (program, args) =>
    new Promise((resolve) => {
      const { PATH = '', ...rest } = process.env
      const places = PLACES[process.platform]
      const env = places === undefined ? process.env : { ...rest, PATH: PATH + places, LC_ALL: 'C' }
      const bounds = { timeout, maxBuffer: OUT_BYTES_MAX, windowsHide: true }
      execFile(program, args, { ...bounds, env }, (error, out) => {
        if (error === null) resolve({ out, code: 0 })
        else if (typeof error.code === 'number') resolve({ out, code: error.code })
        else
          resolve({
            unknown: error.code === 'ENOENT' ? 'no-tool' : error.code === 'EACCES' ? 'no-rights' : 'no-answer',
          })
      })
    })

export const runTool = toolRunner(RUN_MS)

/** Reads what a tool said, if it ran well and said something that can be read. */
export function readOut<T>(ran: Ran, read: (out: string) => T | null): Known<T> {
  if ('unknown' in ran) return ran
  const found = ran.code === 0 ? read(ran.out) : null
  return found === null ? { unknown: 'no-answer' } : { is: found }
}

/** That of the discard protocol (RFC 863). */
const DISCARD_PORT = 9

/** Sends an empty datagram to a neighbour, for which the system asks for its hardware address: the answer is in its table then. */
export function touch(address: string): void {
  const socket = createSocket('udp4')
  const close = (): void => {
    socket.close()
  }
  // It need not arrive, and where it can't be sent there is nothing to learn.
  socket.once('error', close)
  socket.send('', DISCARD_PORT, address, close)
}
