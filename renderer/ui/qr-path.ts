import QRCode from 'qrcode'

/** Modules of light around the code that readers rely on (ISO/IEC 18004). */
const QUIET = 4

/**
 * The code for a text as one SVG path in module units. Level M: a quarter of a smudged or reflecting screen may be
 * wrong, and a pairing link still needs few enough modules to be read from an arm's length.
 */
export function qrPath(text: string): { path: string; size: number } {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
  const parts: string[] = []
  for (let y = 0; y < modules.size; y++) {
    for (let x = 0; x < modules.size; x++) {
      if (modules.get(y, x) === 0) continue
      const from = x
      while (x + 1 < modules.size && modules.get(y, x + 1) !== 0) x++
      parts.push(`M${from + QUIET} ${y + QUIET}h${x - from + 1}v1H${from + QUIET}z`)
    }
  }
  return { path: parts.join(''), size: modules.size + 2 * QUIET }
}
