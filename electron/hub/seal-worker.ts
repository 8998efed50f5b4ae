import { parentPort } from 'node:worker_threads'
import { bestAead } from '#hub/aead.ts'
import { serveSealing } from '#hub/sealing.ts'

// The program of the worker thread that seals and opens what goes over sealed sockets, built to out/main/seal-worker.js.
if (parentPort !== null) serveSealing(parentPort, await bestAead())
