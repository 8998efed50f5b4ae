/**
 * A program of its own for cli.test.ts: a hub with clients of both generations lives and ends, and then nothing
 * may keep the process alive. It does not call process.exit; prints what it saw.
 */
import { setStage } from './stage.ts'

const stage = await setStage({ open: true })
for (const generation of ['old', 'new'] as const)
  for (const way of ['polling', 'upgrade', 'websocket'] as const) {
    const client = await stage.join({ generation, way })
    client.send('register', { uid: `${generation} ${way}`, type: 1 })
    const newer = await stage.join({ generation, way })
    newer.send('register', { uid: `${generation} ${way}`, type: 1 })
    await client.disconnected()
  }
const during = stage.hub.links()
await stage.clear()
process.stdout.write(JSON.stringify({ during, after: stage.hub.links() }))
