import type { Reason } from '#protocol/errors.ts'
import type { Frame } from '#protocol/frames.ts'
import { saidOf } from './left-out.ts'
import type { Source } from './source.ts'
import { Throttle } from './rate-limit.ts'

/** Gives a file to a phone's browser as a download over http; `path` is where, `stop` takes it away. */
export type HandOut = (
  source: Source,
  events: { taken(bytes: number): void; over(): void; failed(code: Reason): void },
) => { readonly path: string; readonly stop: () => void }

/** A page that was loaded again asks again. */
const TOLD = { burst: 8, perSecond: 20 }

export interface HandingOutPorts {
  readonly n: number
  readonly source: Source
  readonly handOut: HandOut
  frame(frame: Frame): void
  changed(): void
  over(): void
  failed(code: Reason): void
}

/** One file that a browser takes as a download, because its page could not hold it. */
export class HandingOut {
  /** Bytes that the browser has taken. */
  taken = 0
  readonly #ports: HandingOutPorts
  readonly #at: ReturnType<HandOut>
  readonly #tell = new Throttle(() => {
    this.#ports.frame({ t: 'download', n: this.#ports.n, path: this.#at.path })
  }, TOLD)

  constructor(ports: HandingOutPorts) {
    this.#ports = ports
    const { source } = ports
    this.#at = ports.handOut(source, {
      taken: (bytes) => {
        this.#given(bytes, false)
      },
      over: () => {
        this.#given(source.size, true)
        ports.over()
      },
      failed: (code) => {
        ports.failed(code)
      },
    })
    this.tell()
  }

  /** Where it is. Also to a page that was loaded again and asks once more. */
  readonly tell = (): void => {
    this.#tell.ask()
  }

  stop(): void {
    this.#at.stop()
  }

  #given(bytes: number, over: boolean): void {
    this.taken = bytes
    const left = over ? saidOf(this.#ports.source.left?.() ?? {}) : {}
    this.#ports.frame({ t: 'download-progress', n: this.#ports.n, bytes, over, ...left })
    this.#ports.changed()
  }
}
