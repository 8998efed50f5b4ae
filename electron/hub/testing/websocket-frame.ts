import { randomBytes } from 'node:crypto'

export interface FrameOptions {
  readonly opcode?: number
  readonly fin?: boolean
  readonly reserved?: number
  readonly masked?: boolean
}

/** Makes a client's WebSocket frame, right or wrong; of text, if nothing else is said. */
export function frame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, reserved = 0, masked = true } = options
  const body = Buffer.from(payload)
  const length =
    body.length < 126
      ? [body.length]
      : body.length < 65_536
        ? [126, body.length >> 8, body.length & 255]
        : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (body.length >>> bits) & 255)]
  length[0]! |= masked ? 128 : 0
  const head = Buffer.from([(fin ? 128 : 0) | (reserved << 4) | opcode, ...length])
  if (!masked) return Buffer.concat([head, body])
  const mask = randomBytes(4)
  return Buffer.concat([head, mask, body.map((byte, at) => byte ^ mask[at % 4]!)])
}
