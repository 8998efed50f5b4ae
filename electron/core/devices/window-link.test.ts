import { describe, expect, test } from 'vitest'
import type { ToWindow } from '#protocol/link-port.ts'
import { PortLane } from './window-link.ts'

describe('PortLane', () => {
  function lane() {
    const posted: ToWindow[] = []
    const heard: unknown[] = []
    const made = new PortLane('webrtc', 1_000, (message) => posted.push(message))
    const listen = () => {
      made.listen({ onFrame: (data) => heard.push(data), onClose: () => heard.push('closed') })
    }
    return { made, posted, heard, listen }
  }

  test('keeps what came before anybody listened, in order', () => {
    const { made, heard, listen } = lane()
    made.deliver('one')
    made.deliver('two')
    made.closed()
    listen()
    expect(heard).toEqual(['one', 'two', 'closed'])
  })

  test('is over once, whoever ends it, and then silent', () => {
    const { made, posted, heard, listen } = lane()
    listen()
    made.close()
    made.close()
    made.closed()
    made.deliver('late')
    made.send('late')
    expect(heard).toEqual(['closed'])
    expect(posted).toEqual([{ t: 'close-lane' }])
  })

  test('waits for room, and no longer than it lives', async () => {
    const { made } = lane()
    await made.ready()
    made.send(new Uint8Array(2_097_152))
    const waits = [made.ready(), made.ready()]
    made.credit(1)
    await Promise.all(waits)
    made.send(new Uint8Array(100))
    const last = made.ready()
    made.closed()
    await last
    await made.ready()
  })

  test('more credit than was given away buys nothing', async () => {
    const { made } = lane()
    made.credit(1_000_000_000)
    made.send(new Uint8Array(2_097_152))
    let free = false
    void made.ready().then(() => (free = true))
    await Promise.resolve()
    expect(free).toBe(false)
  })
})
