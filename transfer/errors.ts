import type { Reason } from '#protocol/errors.ts'

/** Why a transfer ended. Sources and sinks throw it; anything else they throw is shown as `failed`. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code: Reason
  constructor(code: Reason, options?: ErrorOptions) {
    super(code, options)
    this.code = code
  }
}

export function reasonOf(error: unknown): Reason {
  return error instanceof TransferError ? error.code : 'failed'
}
