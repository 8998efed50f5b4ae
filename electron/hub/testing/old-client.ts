import { createRequire } from 'node:module'

/** A socket of the 2018 client, socket.io-client 2.0.4, as far as tests use it. It comes without types. */
export interface OldSocket {
  readonly id: string
  readonly connected: boolean
  readonly io: { readonly engine: { readonly transport: { readonly name: string } } }
  on(event: string, listener: (...args: unknown[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
  close(): unknown
}

export interface OldOptions {
  readonly transports?: readonly string[]
  readonly forceNew?: boolean
  readonly reconnection?: boolean
  readonly reconnectionDelay?: number
  readonly reconnectionDelayMax?: number
  readonly transportOptions?: Record<string, { extraHeaders: Record<string, string> }>
}

export const connectOld = createRequire(import.meta.url)('socket.io-client-v2') as (
  url: string,
  options?: OldOptions,
) => OldSocket
