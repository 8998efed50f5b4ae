import { LeftOut, must } from './checks.ts'
import { newId, type Conversation, type FrameOf } from './conversation.ts'

/** What a person does with the program under test; by a program, or by hand. */
export interface Driver {
  /** ms that this may take. */
  readonly patienceMs: number
  /** Sends a file of these bytes, which then can be changed. Throws LeftOut where nobody is there to do so. */
  send(bytes: Uint8Array, name?: string): Promise<void>
  /** Replaces the content of the file that was sent last, at its place. Throws LeftOut where that is not possible. */
  change(bytes: Uint8Array): Promise<void>
}

/** What is going on with the program under test: one link, and one conversation that may be cut. */
export abstract class Stage {
  abstract readonly driver: Driver
  /** Whether the program may take a file whose name is a path, under another name that nobody here sees: a browser does. */
  abstract readonly mayRename: boolean
  /** This side's run, and the numbers of its transfers. */
  readonly session = newId()
  readonly faults: string[] = []
  conversation: Conversation | null = null
  /** What the program under test says of itself. */
  hello: FrameOf<'hello'> | null = null
  #n: number

  /** `n`: two less than the first number of a file of this side. */
  constructor(n: -1 | 0) {
    this.#n = n
  }

  /** Returns a number that no transfer had. */
  nextN(): number {
    return (this.#n += 2)
  }

  /** The conversation as it should be, made now where there is none. */
  abstract connected(): Promise<Conversation>

  /** Cuts the lane and makes another one. */
  abstract torn(): Promise<Conversation>

  /** Throws LeftOut unless the program said so in its `hello`. */
  announced(flag: 'texts' | 'records' | 'folders'): void {
    if (this.hello?.[flag] !== true) throw new LeftOut(`it does not say \`${flag}\``)
  }

  /** Asks for a file of these bytes, and waits for its offer. */
  async fileOffered(bytes: Uint8Array, name?: string): Promise<{ on: Conversation; offer: FrameOf<'offer'> }> {
    const on = await this.connected()
    await this.driver.send(bytes, name)
    const offer = await on.next('offer', () => true, this.driver.patienceMs)
    must((offer.n + this.#n) % 2 !== 0, `its number ${offer.n} is one of the other side's`)
    return { on, offer }
  }

  /** Cuts the lane. */
  async drop(): Promise<void> {
    const { conversation } = this
    this.conversation = null
    this.faults.push(...(conversation?.faults ?? []))
    await conversation?.close()
  }
}
