/** The geometry of the cord: one cubic curve, which can hang, be pulled straight, or be torn in two. */

export interface Point {
  readonly x: number
  readonly y: number
}
export type Curve = readonly [Point, Point, Point, Point]

/** From a to b with its middle hanging about `sag` pixels lower than the straight line. */
export function hang(a: Point, b: Point, sag: number): Curve {
  // A cubic reaches three quarters of the way to its control points.
  const drop = sag / 0.75
  const at = (part: number): Point => ({ x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part + drop })
  return [a, at(0.3), at(0.7), b]
}

const between = (p: Point, q: Point, t: number): Point => ({ x: p.x + (q.x - p.x) * t, y: p.y + (q.y - p.y) * t })

/** The two pieces of a curve that is cut at t (de Casteljau). */
export function cut([a, b, c, d]: Curve, t: number): [Curve, Curve] {
  const ab = between(a, b, t)
  const bc = between(b, c, t)
  const cd = between(c, d, t)
  const abc = between(ab, bc, t)
  const bcd = between(bc, cd, t)
  const middle = between(abc, bcd, t)
  return [
    [a, ab, abc, middle],
    [middle, bcd, cd, d],
  ]
}

const n = (value: number): string => String(Math.round(value * 10) / 10)
const xy = ({ x, y }: Point): string => `${n(x)} ${n(y)}`

export function draw([a, b, c, d]: Curve): string {
  return `M${xy(a)}C${xy(b)} ${xy(c)} ${xy(d)}`
}

/** Threads that stand off a torn end: pixels long, and degrees off the cord's own direction. */
const THREADS = [
  { long: 15, turn: -34 },
  { long: 19, turn: -11 },
  { long: 17, turn: 9 },
  { long: 13, turn: 38 },
] as const

/** The loose threads at a torn end, pointing away from `inner`, the last point that still holds together. */
export function threads(end: Point, inner: Point): string {
  const along = Math.atan2(end.y - inner.y, end.x - inner.x)
  return THREADS.map(({ long, turn }) => {
    const angle = along + (turn * Math.PI) / 180
    const bend = { x: end.x + Math.cos(along) * long * 0.55, y: end.y + Math.sin(along) * long * 0.55 }
    const tip = { x: end.x + Math.cos(angle) * long, y: end.y + Math.sin(angle) * long }
    return `M${xy(end)}Q${xy(bend)} ${xy(tip)}`
  }).join('')
}
