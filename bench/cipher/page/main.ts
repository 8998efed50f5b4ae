import type { Pace } from '../pace.ts'

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })

declare global {
  interface Window {
    /** Measures one cipher in the worker; '' measures none. Tells what there is. */
    cipher(name: string): Promise<{ readonly ciphers: readonly string[]; readonly pace?: Pace }>
  }
}

window.cipher = (name) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Awaited<ReturnType<Window['cipher']>>>) => {
      resolve(data)
    }
    worker.onerror = ({ message }) => {
      reject(new Error(message))
    }
    worker.postMessage(name)
  })
