import { randomBytes } from 'node:crypto'
import { decodePart, type Part } from '#protocol/blocks.ts'
import { decodeFrame, type Frame } from '#protocol/frames.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { must } from './checks.ts'
import { Mailbox } from './mailbox.ts'

export type FrameOf<T extends Frame['t']> = Extract<Frame, { readonly t: T }>

/** Messages of one lane, whichever it is: a data channel or a sealed socket. */
export interface Wire {
  readonly messages: Mailbox<string | Uint8Array>
  readonly isOpen: boolean
  /** Bytes that wait to go out. */
  readonly waiting: number
  send(data: string | Uint8Array): void
  close(): Promise<void>
}

/** A frame, or a part of a file, in the order in which they come. */
export type Heard = Frame | ({ readonly t: 'part' } & Part)

/** ms for an answer that needs no person. */
export const ANSWER_MS = 20_000
/** ms of silence after which this side says `ping`. */
const PING_MS = 2_000

/** What no version of today knows, and has to be ignored. */
const LATER = { aLaterField: { of: ['another', 'version'] } }

export const newId = (): string => randomBytes(16).toString('hex')

/**
 * A lane that both sides have confirmed: frames and parts in both directions, each checked against the schemas of the
 * protocol when it comes. This side says nothing in its `hello` of `many`, `pieces` or `got`, so the other may use none of them.
 */
export class Conversation {
  readonly heard = new Mailbox<Heard>()
  /** What came that is not of the protocol. */
  readonly faults: string[] = []
  /** When anything came last, in ms. */
  heardAt = Date.now()
  readonly #wire: Wire
  readonly #later: object
  readonly #timer: ReturnType<typeof setInterval>

  /** `plain`: its frames have nothing in them that no version of today knows. */
  constructor(wire: Wire, plain = false) {
    this.#wire = wire
    this.#later = plain ? {} : LATER
    this.#timer = setInterval(() => {
      this.say({ t: 'ping' })
    }, PING_MS)
    void this.#read()
  }

  /** Sends a frame, with something more in it that the other side has to ignore. */
  say(frame: Frame): void {
    this.#wire.send(JSON.stringify({ ...frame, ...this.#later }))
  }

  /** Sends a text that is no frame. */
  sayRaw(text: string): void {
    this.#wire.send(text)
  }

  async sendPart(bytes: Uint8Array): Promise<void> {
    while (this.#wire.waiting > 1_000_000) await new Promise((resolve) => setTimeout(resolve, 2))
    this.#wire.send(bytes)
  }

  greet(hello: Partial<FrameOf<'hello'>> & Pick<FrameOf<'hello'>, 'kind' | 'session'>): void {
    this.say({ t: 'hello', v: PROTOCOL_VERSION, name: 'Conformance', ...hello })
  }

  /** Takes the next frame of this kind that `test` holds for. */
  async next<T extends Frame['t']>(
    t: T,
    test: (frame: FrameOf<T>) => boolean = () => true,
    ms = ANSWER_MS,
  ): Promise<FrameOf<T>> {
    const isIt = (one: Heard): one is FrameOf<T> => one.t === t && test(one as FrameOf<T>)
    const found = await this.heard.take(`\`${t}\``, ms, isIt)
    must(isIt(found), `not \`${t}\``)
    return found
  }

  get isOpen(): boolean {
    return this.#wire.isOpen && !this.heard.hasEnded
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#wire.close()
  }

  async #read(): Promise<void> {
    const { messages } = this.#wire
    for (;;) {
      const message = await messages.take('message', 2 ** 31 - 1).catch((error: unknown) => error)
      if (message instanceof Error) {
        clearInterval(this.#timer)
        this.heard.end(message.message)
        return
      }
      this.heardAt = Date.now()
      this.#take(message as string | Uint8Array)
    }
  }

  #take(message: string | Uint8Array): void {
    try {
      this.heard.put(typeof message === 'string' ? decodeFrame(message) : { t: 'part', ...decodePart(message) })
    } catch (error) {
      const shown = typeof message === 'string' ? message.slice(0, 200) : `${message.byteLength} bytes`
      this.faults.push(`${String(error)}: ${shown}`)
    }
  }
}
