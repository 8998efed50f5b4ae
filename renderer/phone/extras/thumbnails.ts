import { THUMB_BYTES_MAX } from '#protocol/limits.ts'

/** Pixels of the longest side: sharp at 40 on a screen with two for each. */
const SIDE = 96
/** Pictures asked for and not made yet. */
const WAITING_MAX = 24
const QUALITIES = [0.7, 0.4]

/** Makes small pictures of picked files for the person at the computer who is asked, one at a time. */
export class Thumbnails {
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  /** A small JPEG; null for a file that this browser can't show. */
  async make(file: File): Promise<Uint8Array | null> {
    if (this.#waiting >= WAITING_MAX) return null
    this.#waiting++
    const made = this.#last.then(() => draw(file)).catch(() => null)
    this.#last = made
    const jpeg = await made
    this.#waiting--
    return jpeg
  }
}

async function draw(file: File): Promise<Uint8Array | null> {
  const image = await createImageBitmap(file, { ...(await longSide(file)), resizeQuality: 'medium' })
  try {
    return await compress(paint(image))
  } finally {
    image.close()
  }
}

/** Which side becomes SIDE: by the short one, a strip of a picture would become a longer strip still. */
async function longSide(file: File): Promise<ImageBitmapOptions> {
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    await new Promise((resolve, reject) => {
      image.onload = resolve
      image.onerror = reject
      image.src = url
    })
    return image.naturalWidth > image.naturalHeight ? { resizeWidth: SIDE } : { resizeHeight: SIDE }
  } finally {
    URL.revokeObjectURL(url)
  }
}

function paint(image: ImageBitmap): HTMLCanvasElement {
  const scale = Math.min(1, SIDE / Math.max(image.width, image.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(image.width * scale))
  canvas.height = Math.max(1, Math.round(image.height * scale))
  const context = canvas.getContext('2d')
  if (context !== null) {
    // JPEG has no transparency, and black is a poor paper.
    context.fillStyle = '#fff'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
  }
  return canvas
}

async function compress(canvas: HTMLCanvasElement): Promise<Uint8Array | null> {
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, 'image/jpeg', quality)
    })
    if (blob !== null && blob.size <= THUMB_BYTES_MAX) return new Uint8Array(await blob.arrayBuffer())
  }
  return null
}
