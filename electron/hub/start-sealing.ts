import { Worker } from 'node:worker_threads'
import type { SealingWorker } from '#hub/sealing-thread.ts'

/** The thread that seals and opens. `file`: seal-worker.ts as it was built, also inside a packaged app's archive. */
export const startSealing = (file: string): SealingWorker => new Worker(file)
