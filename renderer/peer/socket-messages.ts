import type { Reason } from '#protocol/errors.ts'
import type { SessionKey } from '#protocol/proof.ts'

/** Between a page and the worker that has its sealed socket. Binary frames change hands, they are not copied. */
export type ToSocketWorker =
  /** First, and once. */
  | { readonly t: 'connect'; readonly url: string; readonly session: SessionKey }
  /** A frame with room for a record around it, see recordWith. */
  | { readonly t: 'send'; readonly text: boolean; readonly record: Uint8Array<ArrayBuffer> }
  | { readonly t: 'close' }

export type FromSocketWorker =
  /** Both ends have shown their keys. */
  | { readonly t: 'open' }
  | { readonly t: 'frame'; readonly data: string | Uint8Array<ArrayBuffer> }
  /** So many bytes of what was given by `send` have left the browser's queue. */
  | { readonly t: 'left'; readonly bytes: number }
  /** Last: how it ended, and which of the two did not keep to the protocol, if one did not. Nothing is left to do but end the worker. */
  | { readonly t: 'closed'; readonly ending: 'end' | 'broken'; readonly refused: Reason | null }
