import type { Reason } from '#protocol/errors.ts'

/** Why a transfer ended. Sources and sinks throw it; anything else they throw is shown as `failed`. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code: Reason
  /** Bytes that a full disk lacks, where that is known. */
  readonly needBytes: number | undefined
  constructor(code: Reason, options: ErrorOptions & { readonly needBytes?: number } = {}) {
    super(code, options)
    this.code = code
    this.needBytes = options.needBytes
  }
}

export function reasonOf(error: unknown): Reason {
  return error instanceof TransferError ? error.code : 'failed'
}
