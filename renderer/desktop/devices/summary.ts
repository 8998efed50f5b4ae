import type { AppState } from '#electron/app-state.ts'
import { m } from '#messages'
import { deviceName } from './device-text.ts'

export interface Summary {
  readonly state: 'offline' | 'waiting' | 'connecting' | 'here' | 'away' | 'trouble'
  readonly text: string
}

/** The one sentence at the top of the window. */
export function summarise({ devices, link }: Pick<AppState, 'devices' | 'link'>): Summary {
  const here = devices.filter(({ state }) => state === 'here')
  const [first] = here
  if (first !== undefined)
    return {
      state: 'here',
      text: here.length === 1 ? m.desk_here({ name: deviceName(first) }) : m.desk_here_many({ count: here.length }),
    }
  const troubled = devices.find(({ trouble }) => trouble !== undefined)
  if (troubled !== undefined) return { state: 'trouble', text: m.desk_trouble({ name: deviceName(troubled) }) }
  const coming = devices.find(({ state }) => state === 'connecting')
  if (coming !== undefined) return { state: 'connecting', text: m.desk_connecting({ name: deviceName(coming) }) }
  const [away, ...more] = devices
  if (away !== undefined)
    return {
      state: 'away',
      text: more.length === 0 ? m.desk_away({ name: deviceName(away) }) : m.desk_away_many(),
    }
  return link === null ? { state: 'offline', text: m.offline_title() } : { state: 'waiting', text: m.scan_title() }
}
