import type { Reason } from '#protocol/errors.ts'
import type { PeerKind } from '#protocol/hub-events.ts'
import type { LaneKind } from '#transfer/lane.ts'
import type { DeviceView } from '#electron/app-state.ts'
import type { Words } from '#messages/words.ts'
import { m } from '#messages'
import { getLocale } from '#messages/runtime'
import { formatTime } from '#ui/format.ts'

/** What a device is called that has no name of its own. */
const NAMES = {
  page: m.device_phone,
  app: m.device_phone,
  legacy: m.device_phone,
  desktop: m.device_computer,
} satisfies Record<PeerKind, Words>

const KINDS = {
  page: m.device_kind_page,
  app: m.device_kind_app,
  legacy: m.device_kind_legacy,
  desktop: m.device_kind_desktop,
} satisfies Record<PeerKind, Words>

/** Which way the bytes of files take. A download goes the way of the page itself. */
const LANES = {
  webrtc: m.lane_direct,
  legacy: m.lane_direct,
  socket: m.lane_through,
  http: m.lane_through,
} satisfies Record<LaneKind, Words>

/** What happened to a device that is not connected, then what to do. A code without words is a compile error. */
const TROUBLE = {
  malformed: m.trouble_failed,
  cancelled: m.trouble_scan_again,
  'peer-left': m.trouble_lost,
  'no-connection': m.trouble_no_connection,
  'connection-lost': m.trouble_lost,
  'unknown-link': m.trouble_scan_again,
  replaced: m.trouble_scan_again,
  'not-allowed': m.trouble_scan_again,
  revoked: m.trouble_scan_again,
  tampered: m.why_tampered,
  corrupt: m.trouble_failed,
  overrun: m.trouble_failed,
  'bad-name': m.trouble_failed,
  'source-changed': m.trouble_failed,
  'disk-full': m.trouble_failed,
  'disk-error': m.trouble_failed,
  timeout: m.trouble_no_connection,
  'too-large': m.trouble_failed,
  version: m.why_version,
  failed: m.trouble_failed,
} satisfies Record<Reason, Words>

/** The same for what a row of the history remembers, which may be of another version. */
export const laneName = (lane: string): string => (Object.hasOwn(LANES, lane) ? LANES[lane as LaneKind]() : '')

export const deviceName = ({ name, kind }: Pick<DeviceView, 'name' | 'kind'>): string => name || NAMES[kind]()

/** The other side of a transfer or a batch; its device may have left the list. */
export function partnerName(
  transfer: { readonly deviceId: string; readonly deviceName?: string },
  devices: readonly DeviceView[],
): string {
  const device = devices.find(({ id }) => id === transfer.deviceId)
  const { deviceName: name = '' } = transfer
  return name || (device === undefined ? m.device_phone() : deviceName(device))
}

export const formatWhen = (ms: number): string => formatTime(ms, getLocale())

/** The line under a device's name. */
export function deviceLine(device: DeviceView): string {
  if (device.trouble !== undefined) return TROUBLE[device.trouble]()
  switch (device.state) {
    case 'connecting':
      return m.device_connecting()
    case 'away':
      return device.lastSeen === undefined ? m.device_away() : m.device_last_seen({ when: formatWhen(device.lastSeen) })
    case 'here':
      return `${KINDS[device.kind]()} · ${LANES[device.lane ?? 'webrtc']()}`
  }
}
