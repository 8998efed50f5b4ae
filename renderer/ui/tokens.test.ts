import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const [lightCss = '', darkCss = ''] = css.split('@media (prefers-color-scheme: dark)')

const COLOUR = /--([\w-]+): #([0-9a-f]{6}); \/\* ([\d.]+)% ([\d.]+) ([\d.]+) \*\//gu
interface Colour {
  readonly rgb: readonly number[]
  readonly oklch: readonly [lightness: number, chroma: number, hue: number]
}
const read = (text: string): Map<string, Colour> =>
  new Map(
    [...text.matchAll(COLOUR)].map(([, name, hex, l, c, h]) => [
      name!,
      { rgb: hex!.match(/../gu)!.map((two) => parseInt(two, 16)), oklch: [Number(l) / 100, Number(c), Number(h)] },
    ]),
  )
const light = read(lightCss)
const schemes = { light, dark: new Map([...light, ...read(darkCss)]) }

const toLinear = (byte: number): number => {
  const part = byte / 255
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}
const toByte = (linear: number): number => {
  const part = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055
  return Math.round(255 * Math.min(1, Math.max(0, part)))
}

/** Björn Ottosson's OKLab: https://bottosson.github.io/posts/oklab/ */
function fromOklch([lightness, chroma, hue]: Colour['oklch']): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map(toByte)
}

function contrast(one: Colour, other: Colour): number {
  const luminance = ({ rgb: [r = 0, g = 0, b = 0] }: Colour): number =>
    0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b)
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((p, q) => p - q)
  return (high + 0.05) / (low + 0.05)
}

const GROUNDS = ['paper', 'plate', 'sunk']
const PAIRS = [
  ...['ink', 'ink-quiet', 'bad', 'good'].flatMap((text) => GROUNDS.map((ground) => [text, ground, 4.5] as const)),
  ['on-cord', 'cord', 4.5],
  ['on-cord', 'cord-press', 4.5],
  ['ink', 'cord-tint', 4.5],
  ['paper', 'ink', 4.5],
  ['code-ink', 'code-plate', 12],
  ...['cord', 'line-strong'].flatMap((mark) => ['paper', 'plate'].map((ground) => [mark, ground, 3] as const)),
] as const

describe.each(Object.entries(schemes))('%s', (_, colours) => {
  test('has every colour', () => {
    expect(colours.size).toBe(16)
  })

  test.each([...colours])('%s is the colour that stands beside it', (_name, { rgb, oklch }) => {
    expect(rgb).toEqual(fromOklch(oklch))
  })

  test.each(PAIRS)('%s on %s reaches %d : 1', (text, ground, least) => {
    expect(contrast(colours.get(text)!, colours.get(ground)!)).toBeGreaterThanOrEqual(least)
  })
})
