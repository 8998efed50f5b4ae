import { startHub } from '#hub/hub.ts'
import { RAISED_LIMITS } from './raised-limits.ts'

// Our hub as a process of its own, in open signaling as PeerJS is, for thousands of clients of one computer.
const hub = await startHub({ port: 0, bind: '127.0.0.1', open: true, limits: RAISED_LIMITS })
console.log(JSON.stringify({ event: 'listening', port: hub.port }))
process.once('SIGTERM', () => void hub.close().then(() => process.exit(0)))
