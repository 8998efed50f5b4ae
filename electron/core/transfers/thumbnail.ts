import { THUMB_BYTES_MAX, THUMB_PIXELS_MAX } from '#protocol/limits.ts'

const MARKER = 0xff
const START = 0xd8
/** Markers of a frame's header (SOF), which has the size: C0 to CF but for three with other meanings. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
/** Markers after which there is no header any more: scan and end. */
const isAfterHeaders = (marker: number): boolean => marker === 0xda || marker === 0xd9

const isFine = (pixels: number): boolean => pixels >= 1 && pixels <= THUMB_PIXELS_MAX

/**
 * Whether these bytes begin as a JPEG of a few pixels. A stranger made them: a picture of 6 KiB may claim to be 65,535
 * pixels wide and high, for which the window would find 16 GB. Whether it can be shown is seen when it is.
 */
function isSmallJpeg(bytes: Uint8Array): boolean {
  if (bytes.length > THUMB_BYTES_MAX || bytes[0] !== MARKER || bytes[1] !== START) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 2
  while (at + 9 <= bytes.length && bytes[at] === MARKER) {
    const marker = view.getUint8(at + 1)
    if (isFrameHeader(marker)) return isFine(view.getUint16(at + 5)) && isFine(view.getUint16(at + 7))
    if (isAfterHeaders(marker)) return false
    at += 2 + view.getUint16(at + 2)
  }
  return false
}

/** What the window shows of a thumbnail that came from a device; null for what is none. */
export const thumbnailUrl = (jpeg: Uint8Array): string | null =>
  isSmallJpeg(jpeg) ? `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}` : null
