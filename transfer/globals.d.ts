/**
 * What every runtime of ours has, and nothing more: Node, a desktop window, a phone's page over plain http.
 * Only tsconfig.engine.json sees this file. A global that is missing here is missing somewhere, or has no place in
 * the engine (a console, a file system, a socket).
 */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string
}

declare class URL {
  constructor(url: string)
  readonly href: string
  readonly host: string
  readonly username: string
  readonly password: string
}

/** No subtle and no randomUUID: a page over plain http has neither. */
declare const crypto: { getRandomValues<T extends ArrayBufferView>(array: T): T }

declare const performance: { now(): number }

declare function queueMicrotask(task: () => void): void

/** Two ports, see message-batcher.ts: each runtime's types describe them in another way. */
declare const MessageChannel: new () => object

interface TimerHandle {
  readonly __timer: never
}
declare function setTimeout(task: () => void, milliseconds?: number): TimerHandle
declare function clearTimeout(timer: TimerHandle | undefined): void

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
