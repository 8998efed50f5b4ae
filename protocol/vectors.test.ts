import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import { decodePart, encodePart, rootInput } from './blocks.ts'
import { FILLER_HEADER_BYTES, markFiller, readFiller } from './measure.ts'
import { ProtocolError } from './errors.ts'
import { decodeFrame, decodeFrames, encodeFrame, type Frame } from './frames.ts'
import * as events from './hub-events.ts'
import { formatLink, parseLink } from './pairing.ts'
import { parse } from './parse.ts'
import { cleanDeviceName } from './text.ts'

/** Golden values: made by another program, and never changed to fit this one. */
const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8'))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

describe('base64url', () => {
  const { same, refused } = vectors('base64url') as { same: { hex: string; text: string }[]; refused: string[] }
  test.each(same)('$hex', (one) => {
    expect(toBase64Url(bytes(one.hex))).toBe(one.text)
    expect(hex(fromBase64Url(one.text)!)).toBe(one.hex)
  })
  test.each(refused)('%j is refused', (text) => {
    expect(fromBase64Url(text)).toBeNull()
  })
})

describe('links', () => {
  interface Row {
    text: string
    address: string
    port: number
    uid: string
    key: string
  }
  const { same, alsoRead, refused } = vectors('links') as { same: Row[]; alsoRead: Row[]; refused: string[] }
  test.each(same)('$text is written', ({ text, key, ...link }) => {
    expect(formatLink({ ...link, key: bytes(key) })).toBe(text)
  })
  test.each([...same, ...alsoRead])('$text is read', ({ text, key, ...link }) => {
    expect(parseLink(text)).toEqual({ ...link, key: bytes(key) })
  })
  test.each(refused)('%j is refused', (text) => {
    expect(parseLink(text)).toBeNull()
  })
})

describe('parts', () => {
  interface Row {
    n: number
    block: number
    offset: number
    payload: string
    bytes: string
  }
  const { same, refused } = vectors('parts') as { same: Row[]; refused: string[] }
  test.each(same)('$bytes', ({ bytes: whole, payload, ...part }) => {
    expect(hex(encodePart({ ...part, payload: bytes(payload) }))).toBe(whole)
    expect(decodePart(bytes(whole))).toEqual({ ...part, payload: bytes(payload) })
  })
  test.each(refused)('%j is refused', (text) => {
    expect(() => decodePart(bytes(text))).toThrow(ProtocolError)
  })
})

describe('filler', () => {
  const { same, refused } = vectors('filler') as {
    same: { k: number; isLast: boolean; payload: number; bytes: string }[]
    refused: string[]
  }
  test.each(same)('$bytes', ({ bytes: whole, payload, ...filler }) => {
    const message = new Uint8Array(FILLER_HEADER_BYTES + payload)
    markFiller(message, filler)
    expect(hex(message)).toBe(whole)
    expect(readFiller(bytes(whole))).toEqual(filler)
  })
  test.each(refused)('%j is refused', (text) => {
    expect(() => readFiller(bytes(text))).toThrow(ProtocolError)
  })
})

describe('roots', () => {
  interface Row {
    file: string
    size: number
    blocks: string[]
    input: string
    root: string
  }
  const { same, huge } = vectors('roots') as { same: Row[]; huge: { size: number; input: string }[] }
  test.each(same)('$file', ({ size, blocks, input, root }) => {
    expect(hex(rootInput(size, blocks))).toBe(input)
    expect(sha256(rootInput(size, blocks))).toBe(root)
  })
  test.each(huge)('$size bytes', ({ size, input }) => {
    expect(hex(rootInput(size, []))).toBe(input)
  })
})

describe('frames', () => {
  interface Row {
    frame: Frame
    text: string
  }
  const { same, alsoRead, refused, together, notTogether } = vectors('frames') as {
    same: Row[]
    alsoRead: Row[]
    refused: string[]
    together: { frames: Frame[]; text: string }[]
    notTogether: string[]
  }
  test.each(same)('$text is written', ({ frame, text }) => {
    expect(encodeFrame(frame)).toBe(text)
  })
  test.each([...same, ...alsoRead])('$text is read', ({ frame, text }) => {
    expect(decodeFrame(text)).toEqual(frame)
  })
  test.each(refused)('%j is refused', (text) => {
    expect(() => decodeFrame(text)).toThrow(ProtocolError)
  })
  test.each(together)('$text is read as several', ({ frames, text }) => {
    expect(decodeFrames(text)).toEqual(frames)
  })
  test.each(notTogether)('%j is refused as several', (text) => {
    expect(() => decodeFrames(text)).toThrow(ProtocolError)
  })
})

describe('events', () => {
  const SCHEMAS: Record<string, v.GenericSchema> = {
    register: events.Register,
    registerReply: events.RegisterReply,
    prove: events.Prove,
    proveReply: events.ProveReply,
    joined: events.Joined,
    ended: events.Ended,
    welcome: events.Welcome,
    transfile: events.Transfile,
    ctrlSendSpeed: events.CtrlSendSpeed,
    exception: events.Exception,
    message: events.Message,
  }
  interface Row {
    event: string
    payload: unknown
    read: unknown
  }
  const { read, refused } = vectors('events') as { read: Row[]; refused: Row[] }
  test.each(read)('$event $payload', ({ event, payload, read: expected }) => {
    expect(parse(SCHEMAS[event]!, payload)).toEqual(expected)
  })
  test.each(refused)('$event $payload is refused', ({ event, payload }) => {
    expect(() => parse(SCHEMAS[event]!, payload)).toThrow(ProtocolError)
  })
})

describe('names', () => {
  const { shown } = vectors('names') as { shown: { name: string; shown: string }[] }
  test.each(shown)('$name', ({ name, shown: expected }) => {
    expect(cleanDeviceName(name)).toBe(expected)
  })
})

describe('versions', () => {
  interface Phone {
    register: { payload: unknown; read: unknown }
    frames: { text: string; read: unknown }[]
  }
  const { earlier, later, refused } = vectors('versions') as { earlier: Phone; later: Phone; refused: string[] }
  test.each(Object.entries({ earlier, later }))('a phone of an %s version', (_, { register, frames }) => {
    expect(parse(events.Register, register.payload)).toEqual(register.read)
    for (const { text, read } of frames) expect(decodeFrame(text)).toEqual(read)
  })
  test.each(refused)('%j ends the connection', (text) => {
    expect(() => decodeFrame(text)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})
