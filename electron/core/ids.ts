import { randomBytes } from 'node:crypto'

/** Makes an id for a transfer, a batch, an export or a text: 32 characters of hex. */
export const newId = (): string => randomBytes(16).toString('hex')

/** Names a transfer or a batch over all devices: another device may call another one the same. */
export const rowId = (deviceId: string, id: string): string => `${deviceId}-${id}`

/** Takes apart what `rowId` has made. */
export function fromRowId(row: string): { readonly deviceId: string; readonly id: string } {
  const [deviceId = '', id = ''] = row.split('-')
  return { deviceId, id }
}
