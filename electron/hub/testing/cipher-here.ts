import { MessageChannel } from 'node:worker_threads'
import { nativeAead } from '#hub/node-crypto.ts'
import { serveCipher, type FromCipher, type ToCipher } from '#hub/cipher.ts'
import type { CipherWorker } from '#hub/cipher-thread.ts'

/** The worker's program in this thread, over a real channel: as in a worker, memory changes hands and answers come later. */
export function cipherHere(): CipherWorker & { fail(): void } {
  const { port1, port2 } = new MessageChannel()
  const failed: (() => void)[] = []
  serveCipher(port2, nativeAead)
  return {
    postMessage: (message: ToCipher, transfer: readonly ArrayBuffer[]) => {
      port1.postMessage(message, transfer)
    },
    on: (event: string, listener: ((message: FromCipher) => void) & (() => void)) => {
      if (event === 'message') port1.on('message', listener)
      else failed.push(listener)
    },
    unref: () => {
      port1.unref()
      port2.unref()
    },
    terminate: () => {
      port1.close()
    },
    fail: () => {
      port1.close()
      for (const tell of failed) tell()
    },
  }
}
