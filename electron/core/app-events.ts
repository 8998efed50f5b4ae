import type { Reason } from '#protocol/errors.ts'
import type { TransferView } from '#transfer/transfer-view.ts'

export interface DeviceRef {
  readonly id: string
  readonly name: string
}

/**
 * What happens, for whoever watches the program from outside: one JSON object a line with `--json`,
 * a sentence on the terminal without. The names are a contract with scripts: add, never change.
 */
export type AppEvent =
  | { readonly event: 'ready'; readonly link: string; readonly port: number; readonly address: string }
  | { readonly event: 'link'; readonly link: string }
  | { readonly event: 'paired'; readonly device: DeviceRef }
  | ({ readonly event: 'transfer'; readonly device: DeviceRef } & TransferView)
  /** What a person just sent to the device lacks so many things, some of them by name: they can't be sent. */
  | {
      readonly event: 'skipped'
      readonly device: DeviceRef
      readonly skipped: number
      readonly skippedNames?: readonly string[]
    }
  /** A text came from the device. Foreign text. */
  | { readonly event: 'text'; readonly device: DeviceRef; readonly text: string }
  | { readonly event: 'left'; readonly device: DeviceRef }
  /** This start has handed so many files and folders to the Lanyard that runs already, and ends. */
  | { readonly event: 'handed'; readonly count: number }
  /** The device is off the list: a person did that, or somebody came with a copy of its key. */
  | { readonly event: 'revoked'; readonly device: DeviceRef; readonly why: 'person' | 'copied' }
  | { readonly event: 'error'; readonly code: string; readonly message: string }

export const refOf = ({ id, name }: DeviceRef): DeviceRef => ({ id, name })

/** Says that a connection was ended because of the protocol, and by which side. */
export function brokenEvent({ name }: DeviceRef, where: 'here' | 'there', code: Reason): AppEvent {
  const who = name || 'a phone'
  const message = where === 'here' ? `connection to ${who} ended here: ${code}` : `${who} ended the connection: ${code}`
  return { event: 'error', code, message }
}
