import { m } from '#messages'
import type { PhoneModel } from './model.ts'

/** The connection in one sentence. */
export function connectionText({ connection, desktopName }: Pick<PhoneModel, 'connection' | 'desktopName'>): string {
  switch (connection) {
    case 'connecting':
      return m.phone_connecting()
    case 'connected':
      return desktopName === '' ? m.phone_connected() : m.phone_connected_to({ name: desktopName })
    case 'lost':
      return m.phone_lost()
    case 'refused':
      return m.phone_refused()
  }
}
