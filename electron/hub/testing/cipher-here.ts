import { MessageChannel } from 'node:worker_threads'
import { nativeAead } from '#hub/node-crypto.ts'
import { serveCipher, type FromCipher, type ToCipher } from '#hub/cipher.ts'
import type { CipherWorker } from '#hub/cipher-thread.ts'

export interface CipherHere extends CipherWorker {
  fail(): void
  /** Keeps its answers until the function that it returns is called, as a worker that gets no processor time does. */
  hold(): () => void
}

/** The worker's program in this thread, over a real channel: as in a worker, memory changes hands and answers come later. */
export function cipherHere(): CipherHere {
  const { port1, port2 } = new MessageChannel()
  let held: (() => void)[] | null = null
  const failed: (() => void)[] = []
  serveCipher(port2, nativeAead)
  return {
    postMessage: (message: ToCipher, transfer: readonly ArrayBuffer[]) => {
      port1.postMessage(message, transfer)
    },
    on: (event: string, listener: ((message: FromCipher) => void) & (() => void)) => {
      if (event === 'message')
        port1.on('message', (message: FromCipher) => {
          if (held === null) listener(message)
          else held.push(() => listener(message))
        })
      else failed.push(listener)
    },
    unref: () => {
      port1.unref()
      port2.unref()
    },
    terminate: () => {
      port1.close()
    },
    hold: () => {
      const waiting: (() => void)[] = (held = [])
      return () => {
        held = null
        for (const tell of waiting) tell()
      }
    },
    fail: () => {
      port1.close()
      for (const tell of failed) tell()
    },
  }
}
