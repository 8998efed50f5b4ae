/** Something that plays, during which browsers leave the screen on. */
export interface Playing {
  /** Rejects where the browser wants a tap first. */
  play(): Promise<void>
  pause(): void
}

/** Milliseconds between two pictures: what shows nothing new for long may count as over. */
const PICTURE_EVERY_MS = 1_000
const PIXELS = 2

/**
 * Makes a video of a canvas in which nothing is to be seen or heard. As a stream it may be that small: Chromium leaves the screen on
 * for any stream that plays on it, and Firefox for any with a picture. Returns null where the browser makes none.
 */
export function silentVideo(): Playing | null {
  const canvas = document.createElement('canvas')
  const picture = canvas.getContext('2d')
  if (picture === null || !('captureStream' in canvas)) return null
  canvas.width = canvas.height = PIXELS
  const video = document.createElement('video')
  video.className = 'screen-light'
  video.muted = video.playsInline = true
  // No browser is to offer it to a television.
  video.disableRemotePlayback = true
  video.srcObject = canvas.captureStream()
  video.setAttribute('aria-hidden', 'true')
  document.body.append(video)
  let timer: ReturnType<typeof setInterval> | undefined
  const draw = (): void => {
    picture.fillRect(0, 0, PIXELS, PIXELS)
  }
  return {
    play: () => {
      clearInterval(timer)
      timer = setInterval(draw, PICTURE_EVERY_MS)
      draw()
      return video.play()
    },
    pause: () => {
      clearInterval(timer)
      video.pause()
    },
  }
}

/**
 * Leaves the phone's screen on while something moves, as far as a page over plain http can: a phone whose screen goes dark
 * lets no page go on. The system's own way, the wake lock, is for secure pages only. Whether this helps is the browser's to say.
 */
export class ScreenLight {
  readonly #open: () => Playing | null
  /** Made when it is needed first. */
  #video: Playing | null | undefined
  #isOn = false

  constructor(open = silentVideo) {
    this.#open = open
  }

  set(on: boolean): void {
    if (on === this.#isOn) return
    this.#isOn = on
    if (on) this.#play()
    else this.#video?.pause()
  }

  readonly #play = (): void => {
    if (!this.#isOn) return
    this.#video ??= this.#open()
    // A browser that wants a tap first gets the next one.
    this.#video?.play().catch(() => {
      addEventListener('click', this.#play, { once: true })
    })
  }
}
