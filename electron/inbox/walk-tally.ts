/** Why something that a person dropped is not sent. */
export type WhyNot =
  | 'link'
  | 'pipe'
  | 'socket'
  | 'device'
  /** Not readable by this person, or gone meanwhile. */
  | 'unreadable'
  /** A file that says it is empty, and is not: nobody knows how large it will be. */
  | 'no-size'
  /** A folder that is within itself. */
  | 'loop'
  | 'too-deep'
  /** This one, and all that come after. */
  | 'too-many'

export interface Skipped {
  /** From the chosen folder on, with `/` between. */
  readonly path: string
  readonly why: WhyNot
}

/** What a person is told of a walk; grows while that goes on. */
export interface WalkSummary {
  readonly files: number
  readonly folders: number
  readonly bytes: number
  /** Folders in which nothing can be sent, each from the chosen one on. */
  readonly empty: readonly (readonly string[])[]
  /** The first of the files that are not sent. */
  readonly skipped: readonly Skipped[]
  /** How many files are not sent. */
  readonly skippedCount: number
}

/** More than anybody reads; the rest is only counted. */
const LISTED_MAX = 1_000

/** Counts what a walk finds, and says when that is enough. */
export class WalkTally implements WalkSummary {
  files = 0
  folders = 0
  bytes = 0
  readonly empty: (readonly string[])[] = []
  readonly skipped: Skipped[] = []
  skippedCount = 0
  full = false
  readonly #most: number

  /** Takes `most` files, and as many folders. */
  constructor(most: number) {
    this.#most = most
  }

  /** Counts a file; returns false when it is one too many. */
  takeFile(path: readonly string[], bytes: number): boolean {
    if (!this.#hasRoom(this.files, path)) return false
    this.files++
    this.bytes += bytes
    return true
  }

  /** Counts a folder; returns false when it is one too many. */
  takeFolder(path: readonly string[]): boolean {
    if (!this.#hasRoom(this.folders, path)) return false
    this.folders++
    return true
  }

  /** Counts a file or folder that is not sent. */
  skip(path: readonly string[], why: WhyNot): void {
    this.skippedCount++
    if (this.skipped.length < LISTED_MAX) this.skipped.push({ path: path.join('/'), why })
  }

  #hasRoom(count: number, path: readonly string[]): boolean {
    if (!this.full && count < this.#most) return true
    if (!this.full) this.skip(path, 'too-many')
    this.full = true
    return false
  }
}
