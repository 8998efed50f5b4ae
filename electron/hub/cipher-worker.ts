import { parentPort } from 'node:worker_threads'
import { bestAead, serveCipher } from './cipher.ts'

// The program of the worker thread that seals and opens what goes over sealed sockets, built to out/main/cipher-worker.js.
if (parentPort !== null) serveCipher(parentPort, await bestAead())
