// node --import this: writes down all that a phone in Node says and hears, into the file that RECORD names, a line of JSON each.
import { appendFileSync } from 'node:fs'
import { Socket } from 'socket.io-client'
import { RTCPeerConnection } from 'werift'

const note = (way, event, data) => appendFileSync(process.env.RECORD, `${JSON.stringify({ way, event, data })}\n`)

const { emit, onevent } = Socket.prototype
Socket.prototype.emit = function (event, ...args) {
  const last = args.at(-1)
  if (['register', 'prove', 'message'].includes(event)) note('phone to hub', event, args[0])
  if (typeof last !== 'function') return emit.call(this, event, ...args)
  const answer = (reply) => {
    note('hub to phone', `acknowledgement of ${event}`, reply)
    last(reply)
  }
  return emit.call(this, event, ...args.slice(0, -1), answer)
}
Socket.prototype.onevent = function (packet) {
  note('hub to phone', packet.data[0], packet.data[1])
  return onevent.call(this, packet)
}

const asData = (data) => (typeof data === 'string' ? JSON.parse(data) : { bytes: Buffer.from(data).toString('hex') })
const { createDataChannel } = RTCPeerConnection.prototype
RTCPeerConnection.prototype.createDataChannel = function (...args) {
  const channel = createDataChannel.apply(this, args)
  const send = channel.send.bind(channel)
  channel.send = (data) => {
    note('phone to computer', 'channel', asData(data))
    send(data)
  }
  channel.onMessage.subscribe((data) => note('computer to phone', 'channel', asData(data)))
  return channel
}
