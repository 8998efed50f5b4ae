import { bytesFrom } from '#protocol/base64url.ts'
import { THUMB_BYTES_MAX, THUMB_PIXELS_MAX } from '#protocol/limits.ts'
import { must } from './checks.ts'

/** A picture of two by two pixels, as PNG. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mM4oaEBRAwQCgAhLgRh9uHCTQAAAABJRU5ErkJggg==',
  'base64',
)

/** Throws unless it is a thumbnail: a JPEG that is small enough, in base64url. */
export function checkThumbnail(data: string): void {
  const bytes = Buffer.from(bytesFrom(data))
  must(bytes.length <= THUMB_BYTES_MAX, `the thumbnail has ${bytes.length} bytes`)
  must(bytes.readUInt16BE(0) === 0xffd8, 'the thumbnail is no JPEG')
  const { width, height } = sizeOf(bytes)
  must(Math.max(width, height) <= THUMB_PIXELS_MAX, `the thumbnail has ${width} by ${height} pixels`)
}

/** Reads the segments of a JPEG up to the one that begins a frame (SOF0 to SOF2), which has its size. */
function sizeOf(bytes: Buffer): { readonly width: number; readonly height: number } {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at)
    if (marker >= 0xffc0 && marker <= 0xffc2)
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
  }
  throw new Error('the thumbnail has no size')
}
