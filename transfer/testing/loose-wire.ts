import { decodeFrame, encodeFrame, type SyncFrame } from '#protocol/frames.ts'

/**
 * Two directions on which frames stay until a test says what becomes of each: delivered, twice, out of order, never.
 * All go through their encoding, so that what does not fit into a frame shows.
 */
export class LooseWire {
  readonly way: Record<Way, string[]> = { toDesk: [], toPhone: [] }
  readonly #to: Record<Way, (frame: SyncFrame) => void> = { toDesk: () => undefined, toPhone: () => undefined }
  /** Frames that were said, ever. */
  said = 0

  onArrive(way: Way, take: (frame: SyncFrame) => void): void {
    this.#to[way] = take
  }

  say(way: Way): (frame: SyncFrame) => void {
    return (frame) => {
      this.said++
      this.way[way].push(encodeFrame(frame))
    }
  }

  /** Delivers the frame at this place of the line; it may stay there to come again. */
  deliver(way: Way, place = 0, stays = false): void {
    const text = this.way[way].at(place % Math.max(1, this.way[way].length))
    if (text === undefined) return
    if (!stays) this.way[way].splice(place % this.way[way].length, 1)
    this.#to[way](decodeFrame(text) as SyncFrame)
  }

  lose(way: Way, place: number): void {
    this.way[way].splice(place % Math.max(1, this.way[way].length), 1)
  }

  loseAll(): void {
    this.way.toDesk.length = this.way.toPhone.length = 0
  }

  /** Until nothing is under way. Returns how many frames that took; throws when it does not end. */
  settle(max = 10_000): number {
    for (let frames = 0; frames < max; frames++) {
      if (this.way.toDesk.length > 0) this.deliver('toDesk')
      else if (this.way.toPhone.length > 0) this.deliver('toPhone')
      else return frames
    }
    throw new Error('it never ends')
  }
}

export type Way = 'toDesk' | 'toPhone'
