import { agreedChannel, Connection, type ConnectionEvents } from '#peer/connection.ts'

/** Channels beyond its own that a phone may open before it is sent away. Every one of them is closed at once. */
const STRAYS_MAX = 8

/**
 * The computer's side of a connection. A 2018 app makes the one channel itself, by whatever name; others agree on
 * channel 0 beforehand. No other channel is ever listened to, so what comes on it is parsed by nobody.
 */
export function answering(sdp: string, legacy: boolean, events: ConnectionEvents): Connection {
  let strays = 0
  const connection: Connection = new Connection(events, (peer, use) => {
    let isOpen = !legacy
    if (!legacy) use(agreedChannel(peer))
    peer.ondatachannel = ({ channel }) => {
      if (!isOpen) use(channel)
      else if (++strays <= STRAYS_MAX) channel.close()
      else connection.close('overrun')
      isOpen = true
    }
    return sdp
  })
  return connection
}
