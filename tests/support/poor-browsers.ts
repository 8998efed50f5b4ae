import type { Trick } from './phone.ts'

/** What browsers lack or refuse; each by itself, or several at once. */
export const POOR = [
  'localStorage throws',
  'sessionStorage throws',
  'storage is null',
  'storage has no room',
  'no Worker',
  'Worker throws',
  'worker script fails',
  'no WebAssembly',
  'no RTCPeerConnection',
  'RTCPeerConnection throws',
  'no data channels',
  'no RTCRtpReceiver',
  'no crypto.getRandomValues',
  'no crypto',
  'no WebSocket',
  'WebSocket throws',
  'history.replaceState throws',
] as const

/**
 * What the page has no use for, or one use that none of the others here makes up for: all of it at once, since where it works
 * with none of them it works without any one.
 */
export const NEEDLESS = [
  'no indexedDB',
  'no cookies',
  'no clipboard',
  'no crypto.subtle',
  'no crypto.randomUUID',
  'no BroadcastChannel',
  'no matchMedia',
  'no ResizeObserver',
  'no IntersectionObserver',
  'no Intl.Segmenter',
  'no Intl.RelativeTimeFormat',
  'no Intl.DurationFormat',
  'no units in Intl.NumberFormat',
  'no structuredClone',
  'no Array.prototype.at',
  'no AbortSignal.timeout',
  'no Notification',
  'no visualViewport',
  'no DecompressionStream',
  'no createImageBitmap',
] as const

/** What only few browsers lack or do: all of it at once, since it must not matter. */
export const RARE = [
  'no queueMicrotask',
  'no customElements',
  'no WeakRef',
  'no FileReader',
  'no requestIdleCallback',
  'no requestAnimationFrame',
  'no CSS',
  'no Intl',
  'no AbortController',
  'no MessageChannel',
  'no PointerEvent',
  'coarse clock',
  'timers of a page in the background',
  'no newer methods of lists',
  'no Blob.prototype.arrayBuffer',
  'no Blob.prototype.stream',
  'no File.prototype.webkitRelativePath',
  'no Element.prototype.animate',
  'matchMedia throws',
  'storage can only be written',
  'navigator that says nothing',
  'navigator that never answers',
  'user agent of another app',
] as const
export type Poor = (typeof POOR | typeof NEEDLESS | typeof RARE)[number]

/** Makes the page's browser such a one, before any script of the page has run. */
export const poorBrowser = (how: readonly Poor[]): Trick<readonly Poor[]> => ({
  how,
  act: (how) => {
    const no = (name = 'SecurityError') => {
      throw new DOMException('not in this browser', name)
    }
    const get = (object: object, name: string, value: () => unknown): void => {
      Object.defineProperty(object, name, { configurable: true, get: value, set: () => undefined })
    }
    const without = (object: object, ...names: string[]): void => {
      for (const name of names) {
        Reflect.deleteProperty(object, name)
        if (name in object) get(object, name, () => undefined)
      }
    }
    const throwing = (name: string): void => {
      Object.assign(globalThis, {
        [name]: function () {
          no()
        },
      })
    }
    const window = globalThis
    const acts: Record<string, () => void> = {
      'localStorage throws': () => get(window, 'localStorage', no),
      'sessionStorage throws': () => get(window, 'sessionStorage', no),
      'storage is null': () => ['localStorage', 'sessionStorage'].forEach((name) => get(window, name, () => null)),
      'storage has no room': () => (Storage.prototype.setItem = () => no('QuotaExceededError')),
      'no indexedDB': () => get(window, 'indexedDB', no),
      'no cookies': () => get(Document.prototype, 'cookie', no),
      'no Worker': () => without(window, 'Worker', 'SharedWorker'),
      'Worker throws': () => throwing('Worker'),
      'worker script fails': () => {
        const Real = Worker
        window.Worker = class extends Real {
          constructor(_: string | URL, options?: WorkerOptions) {
            super('/nothing-here.js', options)
          }
        }
      },
      'no WebAssembly': () => without(window, 'WebAssembly'),
      'no RTCPeerConnection': () =>
        without(window, 'RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel', 'RTCRtpReceiver'),
      'RTCPeerConnection throws': () => throwing('RTCPeerConnection'),
      'no data channels': () => without(RTCPeerConnection.prototype, 'createDataChannel'),
      'no RTCRtpReceiver': () => without(window, 'RTCRtpReceiver'),
      'no clipboard': () => {
        without(Navigator.prototype, 'clipboard')
        without(Document.prototype, 'execCommand')
      },
      'no crypto.subtle': () => without(Crypto.prototype, 'subtle'),
      'no crypto.randomUUID': () => without(Crypto.prototype, 'randomUUID'),
      'no crypto.getRandomValues': () => without(Crypto.prototype, 'getRandomValues'),
      'no crypto': () => without(window, 'crypto'),
      'no WebSocket': () => without(window, 'WebSocket'),
      'WebSocket throws': () => throwing('WebSocket'),
      'no Intl.Segmenter': () => without(Intl, 'Segmenter'),
      'no Intl.RelativeTimeFormat': () => without(Intl, 'RelativeTimeFormat'),
      'no Intl.DurationFormat': () => without(Intl, 'DurationFormat'),
      'no units in Intl.NumberFormat': () => {
        const Real = Intl.NumberFormat
        Object.assign(Intl, {
          NumberFormat: class extends Real {
            constructor(locale?: string, options?: Intl.NumberFormatOptions) {
              if (options?.style === 'unit') throw new RangeError('unit')
              super(locale, options)
            }
          },
        })
      },
      'no Array.prototype.at': () => [Array, String, Uint8Array].forEach(({ prototype }) => without(prototype, 'at')),
      'coarse clock': () => {
        const now = performance.now.bind(performance)
        const date = Date.now
        performance.now = () => Math.floor(now() / 100) * 100
        Date.now = () => Math.floor(date() / 100) * 100
      },
      'timers of a page in the background': () => {
        const real = setTimeout
        const slow = (act: TimerHandler, ms = 0, ...more: unknown[]) => real(act, Math.max(ms, 1_000), ...more)
        Object.assign(window, { setTimeout: slow })
      },
      'no newer methods of lists': () =>
        [Array, Uint8Array].forEach(({ prototype }) =>
          without(prototype, 'at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with'),
        ),
      'no Blob.prototype.arrayBuffer': () => without(Blob.prototype, 'arrayBuffer', 'bytes', 'text'),
      'no Blob.prototype.stream': () => without(Blob.prototype, 'stream'),
      'no File.prototype.webkitRelativePath': () => without(File.prototype, 'webkitRelativePath'),
      'no Element.prototype.animate': () => without(Element.prototype, 'animate', 'getAnimations'),
      'matchMedia throws': () => throwing('matchMedia'),
      'storage can only be written': () => Object.assign(Storage.prototype, { getItem: () => no() }),
      'navigator that says nothing': () =>
        without(
          Navigator.prototype,
          ...['userAgent', 'userAgentData', 'vibrate', 'share', 'storage', 'wakeLock', 'permissions', 'languages'],
          ...['language', 'onLine', 'maxTouchPoints', 'clipboard', 'serviceWorker', 'locks', 'connection', 'platform'],
        ),
      'navigator that never answers': () => {
        const never = () => new Promise(() => undefined)
        const silent = new Proxy({}, { get: () => never })
        for (const name of ['storage', 'clipboard', 'permissions', 'wakeLock', 'locks', 'serviceWorker'])
          get(Navigator.prototype, name, () => silent)
      },
      'user agent of another app': () =>
        get(
          Navigator.prototype,
          'userAgent',
          () =>
            'Mozilla/5.0 (Linux; Android 12; V2148A Build/SP1A; wv) AppleWebKit/537.36 Chrome/100.0 Mobile MicroMessenger/8.0.30(0x28001E3B) Instagram 312.0 [FBAN/X;FBAV/1]',
        ),
      'no AbortSignal.timeout': () => without(AbortSignal, 'timeout', 'any'),
      'history.replaceState throws': () => (History.prototype.replaceState = () => no()),
    }
    for (const one of how) (acts[one] ?? (() => without(window, one.slice('no '.length))))()
  },
})
