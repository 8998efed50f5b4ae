import { PeerServer } from 'peer'

// PeerJS's server as it comes from npm, as a process of its own.
const MANY = 1_000_000
PeerServer({ host: '127.0.0.1', port: 0, path: '/', concurrent_limit: MANY }, (server) => {
  const address = server.address()
  console.log(JSON.stringify({ event: 'listening', port: typeof address === 'object' ? address?.port : 0 }))
})
process.once('SIGTERM', () => process.exit(0))
