import { nobleAead } from '#transfer/sealing/noble.ts'
import { wasmAead } from '#transfer/sealing/wasm.ts'
import { SealedSocket } from './sealed-socket.ts'
import type { FromSocketWorker, ToSocketWorker } from './socket-messages.ts'

/** Beside the page: its sealed socket, and the cipher. One worker, one socket. */
let socket: SealedSocket | null = null

const post = (message: FromSocketWorker, transfer: Transferable[] = []): void => {
  self.postMessage(message, { transfer })
}

self.onmessage = ({ data }: MessageEvent<ToSocketWorker>) => {
  if (data.t === 'connect') socket = new SealedSocket(data.url, data.session, wasmAead() ?? nobleAead, post)
  else if (data.t === 'send') socket?.send(data.text, data.record)
  else socket?.close()
}
