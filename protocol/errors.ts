import * as v from 'valibot'

/**
 * Why something did not happen. Only the code crosses a wire; people's words come from messages/.
 * The list is closed: a page that gets an unknown code treats it as `failed`.
 */
export const REASONS = [
  /** The text or bytes are not of the protocol. */
  'malformed',
  /** A person on this side, or on the other, stopped it. */
  'cancelled',
  /** The other device is gone. */
  'peer-left',
  /** The direct connection could not be made. */
  'no-connection',
  /** The connection broke. */
  'connection-lost',
  /** The link is not one that the computer waits for. */
  'unknown-link',
  /** Another page or app took this link over. */
  'replaced',
  /** The computer does not know this phone any more: a person took it off the list, or its key was copied. */
  'revoked',
  /** This role may not be held by this client. */
  'not-allowed',
  /** Somebody on the way changed what makes the connection safe. */
  'tampered',
  /** What arrived is not what was sent. */
  'corrupt',
  /** More bytes than announced, or than the window allows; at the hub: messages too many or too large. */
  'overrun',
  /** The file's name can't be used safely. */
  'bad-name',
  /** The file changed, or went away, while it was being read. */
  'source-changed',
  /** The disk is full. */
  'disk-full',
  /** The folder can't be written. */
  'disk-error',
  /** The other side did not answer in time. */
  'timeout',
  /** The file is larger than the phone's browser, or the other side's disk, can hold. */
  'too-large',
  /** The other side runs a version that this one does not know. */
  'version',
  /** Anything else. */
  'failed',
] as const

export type Reason = (typeof REASONS)[number]

const known: ReadonlySet<string> = new Set(REASONS)

/** Characters of a code on the wire; the longest of today has less than half. */
const CODE_CHARS_MAX = 64

/** Returns a code from the wire as a reason; what is not on the list becomes `failed`. */
export function toReason(code: unknown): Reason {
  return typeof code === 'string' && known.has(code) ? (code as Reason) : 'failed'
}

/** Reads the code of a program that may be newer than this one, and know more reasons. */
export const ReasonOfPeer = v.pipe(
  v.string(),
  v.maxLength(CODE_CHARS_MAX),
  v.transform((code) => toReason(code)),
)

/** The one error that parsers of this folder throw. `detail` is for logs, never for a screen. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: Reason
  constructor(code: Reason, detail: string) {
    super(`${code}: ${detail}`)
    this.code = code
  }
  static malformed(detail: string): ProtocolError {
    return new ProtocolError('malformed', detail)
  }
}

/** For the `default` of a switch over a closed union: forgetting a case is a compile error. */
export function assertNever(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`)
}
