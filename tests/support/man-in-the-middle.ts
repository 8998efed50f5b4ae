import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** A text of the signaling on its way; what it becomes: nothing, another text, or several. */
export type Change = (text: string, way: 'to hub' | 'to phone') => string | readonly string[] | null

export interface Between {
  /** For the phone. */
  readonly link: string
  readonly close: () => Promise<void>
  /** Says something to the hub that the phone never said. */
  readonly tellHub: (text: string) => void
}

/**
 * Somebody between a phone and the hub who passes all on, except what `change` makes of the signaling. The phone opens
 * his address; the hub sees only him.
 */
export class ManInTheMiddle {
  readonly #server = createServer((incoming, outgoing) => {
    this.#page(incoming, outgoing)
  })
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #open = new Set<WebSocket>()
  readonly #hub: URL
  readonly #toHub = new Set<WebSocket>()
  readonly #change: Change

  private constructor(hub: URL, change: Change) {
    this.#hub = hub
    this.#change = change
  }

  /** `link` is the desktop's; `link` of the result is what the phone gets instead. */
  static async between(link: string, change: Change): Promise<Between> {
    const hub = new URL(link)
    const man = new ManInTheMiddle(hub, change)
    return {
      link: `http://127.0.0.1:${await man.#listen()}/${hub.hash}`,
      close: () => man.#close(),
      tellHub: (text) => man.#tellHub(text),
    }
  }

  async #listen(): Promise<number> {
    this.#server.on('upgrade', (incoming, socket, head) => {
      this.#sockets.handleUpgrade(incoming, socket, head, (phone) => {
        this.#relay(phone, incoming.url ?? '/')
      })
    })
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  #page(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const path = incoming.url ?? '/'
    const onward = request(new URL(path, this.#hub.origin), { method: incoming.method }, (answer) => {
      // The page may speak to this address here, as it would to the hub's.
      const policy = String(answer.headers['content-security-policy'] ?? '')
      const here = policy.replaceAll(this.#hub.host, incoming.headers.host ?? '')
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'content-security-policy': here })
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    onward.end()
  }

  #relay(phone: WebSocket, path: string): void {
    const hub = new WebSocket(`ws://${this.#hub.host}${path}`, { origin: this.#hub.origin })
    const early: string[] = []
    this.#toHub.add(hub)
    hub.on('close', () => this.#toHub.delete(hub))
    const pass = (to: WebSocket, text: string, way: Parameters<Change>[1]): void => {
      for (const changed of [this.#change(text, way) ?? []].flat())
        if (to.readyState === WebSocket.OPEN) to.send(changed)
    }
    hub.on('open', () => {
      for (const text of early.splice(0)) pass(hub, text, 'to hub')
    })
    phone.on('message', (data: Buffer) => {
      if (hub.readyState === WebSocket.CONNECTING) early.push(data.toString())
      else pass(hub, data.toString(), 'to hub')
    })
    hub.on('message', (data: Buffer) => {
      pass(phone, data.toString(), 'to phone')
    })
    for (const [one, other] of [
      [phone, hub],
      [hub, phone],
    ] as const) {
      this.#open.add(one)
      one.on('close', () => {
        this.#open.delete(one)
        other.close()
      })
      one.on('error', () => {
        other.close()
      })
    }
  }

  #tellHub(text: string): void {
    for (const hub of this.#toHub) if (hub.readyState === WebSocket.OPEN) hub.send(text)
  }

  async #close(): Promise<void> {
    for (const socket of this.#open) socket.terminate()
    this.#sockets.close()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
