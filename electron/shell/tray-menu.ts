import type { AppState, DeviceView, ListedTransfer, UpdateView } from '#electron/app-state.ts'
import { m } from '#messages'
import { isRunning } from '#transfer/transfer-view.ts'

/** What an entry of the tray's menu does. */
export type TrayAction =
  | { readonly do: 'show' | 'code' | 'folder' | 'settings' | 'quit' | 'cancel-all' }
  | { readonly do: 'update-get' | 'update-restart' | 'update-page' }
  | { readonly do: 'pause-all'; readonly on: boolean }
  | { readonly do: 'send-files' | 'send-clipboard'; readonly deviceId: string }

/** A line of the menu. Without an action and entries of its own it only says something; without words it is a rule. */
export interface TrayEntry {
  readonly label: string
  readonly action?: TrayAction
  readonly entries?: readonly TrayEntry[]
}

/** What the icon shows: something has come that nobody has seen, or something is on its way. */
export type TrayMark = 'plain' | 'unseen' | 'moving'

/** What of the state the tray shows. */
export type TrayState = Pick<AppState, 'devices' | 'transfers' | 'batches' | 'inboxName' | 'update'>

/** Devices in the menu, those that are here first: a menu is no list. */
const DEVICES_MAX = 10
/** Characters of a device's name: some hosts make the menu as wide as its widest line. */
const NAME_CHARS_MAX = 40

const RULE: TrayEntry = { label: '' }

/** Returns the menu of the tray, which is all that every host of icons delivers: no click on the icon counts. */
export function trayMenu(state: TrayState): readonly TrayEntry[] {
  const moving = movingEntries(state)
  const devices = deviceEntries(state.devices)
  return [
    { label: m.tray_show(), action: { do: 'show' } },
    ...ruled(devices),
    ...ruled(moving),
    ...ruled(updateEntries(state.update, moving.length > 0)),
    RULE,
    { label: m.tray_code(), action: { do: 'code' } },
    { label: m.tray_folder({ folder: shortened(state.inboxName) }), action: { do: 'folder' } },
    { label: m.tray_settings(), action: { do: 'settings' } },
    RULE,
    { label: m.tray_quit(), action: { do: 'quit' } },
  ]
}

/** Returns which icon is shown. `unseen`: something has come since the window was last in front. */
export function trayMark({ transfers, batches }: Pick<TrayState, 'transfers' | 'batches'>, unseen: boolean): TrayMark {
  if (unseen) return 'unseen'
  return transfers.some(isRunning) || batches.some(isUnderWay) ? 'moving' : 'plain'
}

const ruled = (entries: readonly TrayEntry[]): readonly TrayEntry[] => (entries.length === 0 ? [] : [RULE, ...entries])

const isUnderWay = ({ state, phase }: { readonly state: string; readonly phase: string }): boolean =>
  state === 'moving' && phase === 'sending'

function deviceEntries(devices: readonly DeviceView[]): readonly TrayEntry[] {
  const order = (device: DeviceView): number => STATES.indexOf(device.state)
  return [...devices]
    .sort((a, b) => order(a) - order(b))
    .slice(0, DEVICES_MAX)
    .map((device) => {
      const { id: deviceId, state, texts } = device
      const clipboard: TrayEntry = { label: m.tray_send_clipboard(), action: { do: 'send-clipboard', deviceId } }
      return {
        label: WORDS[state]({ name: shortened(device.name || m.device_phone()) }),
        entries: [
          { label: m.tray_send_files(), action: { do: 'send-files', deviceId } },
          ...(texts ? [clipboard] : []),
        ],
      }
    })
}

const STATES: readonly DeviceView['state'][] = ['here', 'connecting', 'away']
const WORDS = {
  here: m.tray_here,
  connecting: m.tray_connecting,
  away: m.tray_away,
} satisfies Record<DeviceView['state'], unknown>

/** Says how far everything is that has not ended, and offers what can be done with all of it. */
function movingEntries({ transfers, batches }: TrayState): readonly TrayEntry[] {
  const files = transfers.filter(({ state, asks, batch }) => state === 'moving' && !asks && !isIn(batches, batch))
  const all = [...files, ...batches.filter(({ state }) => state === 'moving')]
  if (all.length === 0) return []
  const sum = (of: 'bytes' | 'total'): number => all.reduce((bytes, one) => bytes + one[of], 0)
  const total = sum('total')
  const percent = total === 0 ? 0 : Math.floor((sum('bytes') / total) * 100)
  const count = files.length + batches.reduce((n, one) => n + (one.state === 'moving' ? one.files - one.done : 0), 0)
  const [first] = files
  const label = all.length === 1 && first ? m.tray_progress_one({ name: shortened(first.name), percent }) : null
  const canPause = transfers.some((one) => one.state === 'moving' && one.paused !== 'here' && !one.asks)
  return [
    { label: label ?? m.tray_progress({ count, percent }) },
    { label: canPause ? m.tray_pause_all() : m.tray_resume_all(), action: { do: 'pause-all', on: canPause } },
    { label: m.tray_cancel_all(), action: { do: 'cancel-all' } },
  ]
}

/** Says that there is a newer version, and offers the next step. Nothing is ended while files move. */
function updateEntries({ now, way }: UpdateView, isMoving: boolean): readonly TrayEntry[] {
  if (now.state === 'ready') {
    const { version } = now
    if (isMoving) return [{ label: m.update_ready({ version }) }]
    return [{ label: m.tray_update_restart({ version }), action: { do: 'update-restart' } }]
  }
  if (now.state !== 'available') return []
  const { version } = now
  return way.way === 'self'
    ? [{ label: m.tray_update_get({ version }), action: { do: 'update-get' } }]
    : [{ label: m.tray_update_page({ version }), action: { do: 'update-page' } }]
}

/** Whether the file counts within a batch that is listed. */
const isIn = (batches: TrayState['batches'], batch: ListedTransfer['batch']): boolean =>
  batch !== undefined && batches.some(({ id }) => id === batch)

const shortened = (text: string): string => {
  const chars = [...text]
  return chars.length <= NAME_CHARS_MAX ? text : `${chars.slice(0, NAME_CHARS_MAX - 1).join('')}…`
}
