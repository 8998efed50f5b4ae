import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Bottleneck } from './bottleneck.ts'

/** Bytes that may be under way in one direction; at 40 ms they still let 400 MB/s through. */
const UNDER_WAY_MAX = 16_777_216

/**
 * A distant hub: everything takes `delayMs` longer in each direction. It speaks just enough http to put the hub's own
 * name into each request, as the hub knows no other; so a connection carries one request or one websocket.
 */
export class DelayTcp {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  readonly #to: URL
  readonly #delayMs: number
  /** Of each direction, shared by all connections. */
  readonly #necks: readonly [Bottleneck, Bottleneck]

  private constructor(to: URL, delayMs: number, bitRate: number | undefined) {
    this.#to = to
    this.#delayMs = delayMs
    this.#necks = [new Bottleneck(bitRate), new Bottleneck(bitRate)]
    this.#server = createServer((socket) => {
      this.#take(socket)
    })
  }

  /** Before the hub of this link, or any other http server of this computer. `bitRate`: bits a second in each direction. */
  static async before(link: string, delayMs: number, bitRate?: number): Promise<DelayTcp> {
    const proxy = new DelayTcp(new URL(link), delayMs, bitRate)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** Bits a second in each direction, from now on. */
  set bitRate(bitRate: number) {
    for (const neck of this.#necks) neck.bitRate = bitRate
  }

  /** What a phone opens instead of the link. */
  get link(): string {
    const address = this.#server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return `http://127.0.0.1:${port}${this.#to.pathname}${this.#to.hash}`
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(near: Socket): void {
    const far = connect(Number(this.#to.port), this.#to.hostname)
    const [there, back] = this.#necks.map((neck) => new Late(this.#delayMs, neck)) as [Late, Late]
    for (const [one, other, late] of [
      [near, far, there],
      [far, near, back],
    ] as const) {
      one.setNoDelay(true)
      this.#open.add(one)
      one.on('error', () => undefined)
      one.on('end', () => {
        late.after(0, () => other.end())
      })
      one.on('close', () => {
        this.#open.delete(one)
        late.after(0, () => {
          other.destroySoon()
        })
      })
    }
    let head = Buffer.alloc(0)
    const toFar = passing(near, far, there)
    const untilHead = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      near.off('data', untilHead)
      toFar(Buffer.concat([Buffer.from(this.#named(head.toString('latin1', 0, end)), 'latin1'), head.subarray(end)]))
      near.on('data', toFar)
    }
    near.on('data', untilHead)
    far.on('data', passing(far, near, back))
  }

  #named(head: string): string {
    const named = head
      .replace(/^host: .*$/im, `Host: ${this.#to.host}`)
      .replace(/^origin: http:.*$/im, `Origin: ${this.#to.origin}`)
    return /^upgrade: /im.test(head) ? named : named.replace(/^connection: .*$/im, 'Connection: close')
  }
}

/** What happens later, in the order in which it began. */
class Late {
  readonly #delayMs: number
  readonly #neck: Bottleneck
  readonly #acts: (() => void)[] = []

  constructor(delayMs: number, neck: Bottleneck) {
    this.#delayMs = delayMs
    this.#neck = neck
  }

  /** After that many bytes have passed. */
  after(bytes: number, act: () => void): void {
    this.#acts.push(act)
    // Timers are not exact, and unlike ones may end in another order than they began: whichever it is, the oldest goes.
    setTimeout(() => this.#acts.shift()?.(), this.#neck.wait(bytes) + this.#delayMs)
  }
}

/** Passes on what comes from `from`, later; what is under way is bounded by not reading on. */
function passing(from: Socket, to: Socket, late: Late): (chunk: Buffer) => void {
  let underWay = 0
  return (chunk) => {
    underWay += chunk.length
    if (underWay > UNDER_WAY_MAX) from.pause()
    late.after(chunk.length, () => {
      to.write(chunk, () => {
        underWay -= chunk.length
        if (underWay <= UNDER_WAY_MAX) from.resume()
      })
    })
  }
}
