import type { End, Meeting } from './client.ts'

/** Pairs that are being connected at a time. */
const AT_ONCE = 32
/** Milliseconds; PeerJS's own clients show every 5 s that they are there. */
const BEAT_EVERY_MS = 5_000

/** Pairs that are connected and say nothing. */
export class Idlers {
  readonly #ends: End[] = []
  #beating: NodeJS.Timeout | undefined

  static async of(meeting: Meeting, pairs: number): Promise<Idlers> {
    const idlers = new Idlers()
    let left = pairs
    const connect = async (): Promise<void> => {
      while (left-- > 0) idlers.#ends.push(...(await meeting.pair()))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, connect))
    idlers.#beating = setInterval(() => {
      for (const end of idlers.#ends) end.beat()
    }, BEAT_EVERY_MS)
    return idlers
  }

  async end(): Promise<void> {
    clearInterval(this.#beating)
    await Promise.all(this.#ends.map((end) => end.close()))
  }
}
