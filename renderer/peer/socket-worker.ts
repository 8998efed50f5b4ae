import type { MakeAead } from '#protocol/sealed-records.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { sodiumAead } from '#transfer/sealing/sodium.ts'
import { SealedSocket } from './sealed-socket.ts'
import type { FromSocketWorker, ToSocketWorker } from './socket-lane.ts'

/** Beside the page: its sealed socket, and the cipher. One worker, one socket. */
let socket: SealedSocket | null = null
const cipher = sodiumAead().then((aead) => aead ?? nobleAead)

const post = (message: FromSocketWorker, transfer: Transferable[] = []): void => {
  self.postMessage(message, { transfer })
}

function take(message: ToSocketWorker, makeAead: MakeAead): void {
  if (message.t === 'connect') socket = new SealedSocket(message.url, message.session, makeAead, post)
  else if (message.t === 'send') socket?.send(message.text, message.record)
  else socket?.close()
}

// What comes before the cipher has started waits for it, in its order.
self.onmessage = ({ data }: MessageEvent<ToSocketWorker>) =>
  void cipher.then((makeAead) => {
    take(data, makeAead)
  })
