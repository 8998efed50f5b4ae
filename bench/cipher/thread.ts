import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { nativeAead } from '#hub/node-crypto.ts'
import { answersRight } from '#transfer/sealing/known-answer.ts'
import { ciphers, paceOf, type Pace } from './pace.ts'

// A process of its own, of plain Node or of an Electron that runs as one, whose worker thread measures: as the hub's does.

/** `ciphers`: those that this runtime has. `pace`: of the one that was asked for, with the processor time of it all, s. */
export type FromThread = { readonly ciphers: readonly string[] } | { readonly pace: Pace; readonly cpu: number }

async function serve(): Promise<void> {
  const all = await ciphers()
  if (answersRight(nativeAead)) all.set('OpenSSL', nativeAead)
  const post = (message: FromThread): void => parentPort?.postMessage(message)
  parentPort?.on('message', (name: string) => {
    const make = all.get(name)
    if (make === undefined) throw new Error(`no cipher '${name}'`)
    const before = process.cpuUsage()
    const pace = paceOf(make)
    const { user, system } = process.cpuUsage(before)
    post({ pace, cpu: (user + system) / 1e6 })
  })
  post({ ciphers: [...all.keys()] })
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url))
  worker.on('message', (message: FromThread) => process.send?.(message))
  process.on('message', (name: string) => {
    worker.postMessage(name)
  })
  process.once('disconnect', () => process.exit(0))
} else await serve()
