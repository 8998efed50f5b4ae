import { toBase64Url } from '#protocol/base64url.ts'
import type { LaneHost } from '#hub/sealed-sockets.ts'
import type { Device } from './devices/device.ts'

/** Which phone a sealed socket at the hub belongs to: that of the proved registration which is the last word on it. */
export function laneHost(devices: () => readonly Device[]): LaneHost {
  const deviceOf = (id: string): Device | undefined =>
    devices().find(({ sessionKey: key }) => key !== null && toBase64Url(key.id) === id)
  return {
    sessionOf: (id) => deviceOf(id)?.sessionKey ?? null,
    onLane: (id, lane) => {
      const device = deviceOf(id)
      if (device === undefined) lane.close()
      else device.addLane(lane)
    },
  }
}
