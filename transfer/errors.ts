import type { Reason } from '#protocol/errors.ts'

interface Details extends ErrorOptions {
  /** For `disk-full`: bytes that must become free before it can go on. */
  readonly needBytes?: number
  /** For `disk-error`: nothing that happens by itself will change it. */
  readonly lasting?: boolean
}

/** Says why a transfer ended. Sources and sinks throw it; anything else they throw is shown as `failed`. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code: Reason
  readonly needBytes?: number
  readonly lasting: boolean
  constructor(code: Reason, details?: Details) {
    super(code, details)
    this.code = code
    this.lasting = details?.lasting ?? false
    if (details?.needBytes !== undefined) this.needBytes = details.needBytes
  }
}

export function reasonOf(error: unknown): Reason {
  return error instanceof TransferError ? error.code : 'failed'
}

/** Thrown where a transfer is suspended and may go on later: no end. */
export class Suspended extends Error {}

/** Whether the disk did not take it, and may, once somebody has made room or brought the folder back. */
export const isWaitedOut = (error: unknown): error is TransferError => isOfDisk(error) && !error.lasting

/** Whether the disk did not take it, and what it has is good. */
export const isOfDisk = (error: unknown): error is TransferError =>
  error instanceof TransferError && (error.code === 'disk-full' || error.code === 'disk-error')
