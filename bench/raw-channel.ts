import type { Page } from '@playwright/test'

/**
 * The limit of this machine: bytes over a bare RTCDataChannel between the same two pages, from memory to
 * memory, with the message size and the marks that our own lane uses.
 */
const MESSAGE_BYTES = 262_144
const LOW_BYTES = 2_097_152
const HIGH_BYTES = 4_194_304

interface Bench {
  peer: RTCPeerConnection
  channel?: RTCDataChannel
}
declare global {
  interface Window {
    bench: Bench
  }
}

/** MB/s. */
export async function rawChannel(from: Page, to: Page, bytes: number): Promise<number> {
  const offer = await from.evaluate(makeOffer)
  const answer = await to.evaluate(makeAnswer, { offer, bytes })
  const seconds = await from.evaluate(sendAll, { answer, bytes, size: MESSAGE_BYTES, low: LOW_BYTES, high: HIGH_BYTES })
  await Promise.all(
    [from, to].map((page) =>
      page.evaluate(() => {
        window.bench.peer.close()
      }),
    ),
  )
  return bytes / 1e6 / seconds
}

async function makeOffer(): Promise<RTCSessionDescriptionInit> {
  const peer = new RTCPeerConnection({ iceServers: [] })
  const channel = peer.createDataChannel('raw')
  channel.binaryType = 'arraybuffer'
  window.bench = { peer, channel }
  const gathered = new Promise<void>((resolve) => {
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState === 'complete') resolve()
    }
  })
  await peer.setLocalDescription()
  await gathered
  return { type: 'offer', sdp: peer.localDescription?.sdp ?? '' }
}

async function makeAnswer(given: {
  offer: RTCSessionDescriptionInit
  bytes: number
}): Promise<RTCSessionDescriptionInit> {
  const peer = new RTCPeerConnection({ iceServers: [] })
  window.bench = { peer }
  peer.ondatachannel = ({ channel }) => {
    channel.binaryType = 'arraybuffer'
    let received = 0
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      received += data.byteLength
      if (received >= given.bytes) channel.send('all')
    }
  }
  const gathered = new Promise<void>((resolve) => {
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState === 'complete') resolve()
    }
  })
  await peer.setRemoteDescription(given.offer)
  await peer.setLocalDescription()
  await gathered
  return { type: 'answer', sdp: peer.localDescription?.sdp ?? '' }
}

/** Seconds from the first byte to the other side's word that it has all. */
async function sendAll(given: {
  answer: RTCSessionDescriptionInit
  bytes: number
  size: number
  low: number
  high: number
}): Promise<number> {
  const { peer, channel } = window.bench
  if (channel === undefined) throw new Error('no channel')
  const open = new Promise<void>((resolve) => {
    channel.onopen = () => {
      resolve()
    }
  })
  const whole = new Promise<void>((resolve) => {
    channel.onmessage = () => {
      resolve()
    }
  })
  await peer.setRemoteDescription(given.answer)
  await open
  channel.bufferedAmountLowThreshold = given.low
  const message = crypto.getRandomValues(new Uint8Array(65_536))
  const full = new Uint8Array(given.size)
  for (let at = 0; at < given.size; at += message.length) full.set(message, at)
  const start = performance.now()
  for (let sent = 0; sent < given.bytes; sent += given.size) {
    if (channel.bufferedAmount > given.high) {
      await new Promise<void>((resolve) => {
        channel.onbufferedamountlow = () => {
          resolve()
        }
      })
    }
    channel.send(full.subarray(0, Math.min(given.size, given.bytes - sent)))
  }
  await whole
  return (performance.now() - start) / 1000
}
