import type { BrowserWindow, Rectangle } from 'electron'
import * as v from 'valibot'
import { JsonFile, type SavedFileOptions } from '#store/json-file.ts'
import { Debounce } from '#transfer/debounce.ts'

/** Pixels: what the page is drawn for at least, and what is opened first. */
export const WINDOW_MIN = { width: 360, height: 480 }
const FIRST = { width: 900, height: 680 }

/** Pixels of the upper edge that must be on a display: what a person takes hold of. */
const GRIP = { width: 120, height: 32 }

/** How far a person may zoom; a step is a fifth, as in browsers. */
const ZOOM_MIN = 0.5
const ZOOM_MAX = 3
const ZOOM_STEP = 1.2

/** ms in which moves and sizes are written down together. */
const WRITE_WITHIN_MS = 500

const pixel = v.pipe(v.number(), v.safeInteger(), v.minValue(-100_000), v.maxValue(100_000))
const extent = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100_000))
const WindowPlace = v.object({
  x: v.optional(pixel),
  y: v.optional(pixel),
  width: extent,
  height: extent,
  isMaximized: v.fallback(v.boolean(), false),
  zoom: v.fallback(v.pipe(v.number(), v.minValue(ZOOM_MIN), v.maxValue(ZOOM_MAX)), 1),
})
/** Where the window was, in pixels of the desktop, and how large its page. */
export type WindowPlace = v.InferOutput<typeof WindowPlace>

/** Opens the file with the window's place. */
export const windowPlaceFile = (path: string, options: SavedFileOptions<WindowPlace>): JsonFile<WindowPlace> =>
  new JsonFile(path, { ...options, decode: (json) => v.parse(WindowPlace, json) })

/**
 * Returns where the window opens: where it was, if a person can take hold of it there on a display that is there now, and no
 * larger than that display. Without x and y the system chooses. `areas`: of the displays, without bars, the main one first.
 */
export function placeOn(saved: WindowPlace | null, areas: readonly Rectangle[]): WindowPlace {
  const { isMaximized = false, zoom = 1, width = FIRST.width, height = FIRST.height, x, y } = saved ?? {}
  const area = x === undefined || y === undefined ? undefined : areas.find((one) => isGripOn({ x, y, width }, one))
  const room = area ?? areas[0]
  const size = {
    width: Math.max(WINDOW_MIN.width, Math.min(width, room?.width ?? width)),
    height: Math.max(WINDOW_MIN.height, Math.min(height, room?.height ?? height)),
  }
  return { ...(area !== undefined && { x, y }), ...size, isMaximized, zoom }
}

function isGripOn({ x, y, width }: Pick<Rectangle, 'x' | 'y' | 'width'>, area: Rectangle): boolean {
  const visible = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
  return visible >= Math.min(GRIP.width, width) && y >= area.y && y + GRIP.height <= area.y + area.height
}

/** Returns the zoom after a key: `in` and `out` by a step, `reset` to what it is at first. */
export function zoomed(zoom: number, how: 'in' | 'out' | 'reset'): number {
  if (how === 'reset') return 1
  const next = how === 'in' ? zoom * ZOOM_STEP : zoom / ZOOM_STEP
  // Back at 1 after as many steps, whatever rounding did.
  const exact = Math.abs(next - 1) < 0.01 ? 1 : next
  return Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, exact))
}

interface Key {
  readonly type: string
  readonly key: string
  readonly control: boolean
  readonly meta: boolean
  readonly alt: boolean
}

/** Returns what a key does to the zoom, as in browsers; null for all other keys. */
export function zoomOf({ type, key, control, meta, alt }: Key, isMac: boolean): 'in' | 'out' | 'reset' | null {
  if (type !== 'keyDown' || alt || (isMac ? !meta || control : !control || meta)) return null
  if (key === '+' || key === '=') return 'in'
  if (key === '-' || key === '_') return 'out'
  return key === '0' ? 'reset' : null
}

/** Remembers where a person puts the window, and how large they want its page. */
export class KeptPlace {
  readonly #file: JsonFile<WindowPlace>
  #saved: WindowPlace | null
  #saving: Promise<unknown> = Promise.resolve()
  /** What is noted is written soon. */
  readonly #soon = new Debounce(() => {
    this.#write()
  })
  #isWritten = true

  private constructor(file: JsonFile<WindowPlace>, saved: WindowPlace | null) {
    this.#file = file
    this.#saved = saved
  }

  /** Reads the place of the run before. What can't be read is none: nobody needs to hear of it. */
  static async open(path: string): Promise<KeptPlace> {
    const file = windowPlaceFile(path, { onLate: () => undefined })
    return new KeptPlace(file, await file.load())
  }

  /** Puts the window, which is not shown yet, where it was, and follows it until it is closed. `areas`: see placeOn. */
  keep(window: BrowserWindow, areas: readonly Rectangle[]): void {
    const { x, y, width, height, isMaximized, zoom: first } = placeOn(this.#saved, areas)
    const { webContents: contents } = window
    let zoom = first
    if (x === undefined || y === undefined) window.setSize(width, height)
    else window.setBounds({ x, y, width, height })
    // Before that it would show a window that is to stay hidden.
    if (isMaximized) window.once('show', () => window.maximize())
    // At once, though it is written later: by then the window may be gone.
    const changed = (): void => {
      if (window.isDestroyed()) return
      this.#saved = { ...window.getNormalBounds(), isMaximized: window.isMaximized(), zoom }
      this.#isWritten = false
      this.#soon.within(WRITE_WITHIN_MS)
    }
    window.on('move', changed)
    window.on('resize', changed)
    window.on('close', changed)
    contents.on('did-finish-load', () => {
      contents.setZoomFactor(zoom)
    })
    contents.on('before-input-event', (event, input) => {
      const how = zoomOf(input, process.platform === 'darwin')
      if (how === null) return
      event.preventDefault()
      zoom = zoomed(zoom, how)
      contents.setZoomFactor(zoom)
      changed()
    })
  }

  /** Resolves when the last place is on disk, or was refused by it. */
  async flush(): Promise<void> {
    this.#write()
    await this.#saving
  }

  #write(): void {
    if (this.#isWritten || this.#saved === null) return
    this.#isWritten = true
    this.#saving = this.#file.save(this.#saved).catch(() => undefined)
  }
}
