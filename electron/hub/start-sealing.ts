import { Worker } from 'node:worker_threads'
import type { CipherWorker } from './cipher-thread.ts'

/** The thread that seals and opens. `file`: cipher-worker.ts as it was built, also inside a packaged app's archive. */
export const startCipher = (file: string): CipherWorker => new Worker(file)
