import type { Trick } from './phone.ts'

/** What happens to the words that a phone's page says on its data channel. */
export type Mute = 'says nothing' | 'says a wrong word' | 'says something else first'

/** The connection is a right one, signed and encrypted; but the first word on it is not what it must be. */
export const mute = (how: Mute): Trick<Mute> => ({
  how,
  act: (how) => {
    // The other way, through the hub, is sound: without it there is only the one that is looked at.
    const WholeWorker = Worker
    globalThis.Worker = class extends WholeWorker {
      constructor(url: string | URL, options?: WorkerOptions) {
        if (String(url).includes('socket-worker')) throw new Error('not on this phone')
        super(url, options)
      }
    }
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the channel as `this`
    const send = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: unknown) => void
    const hello = '{"t":"hello","v":2,"name":"uninvited","kind":"page"}'
    const offer = `{"t":"offer","n":1,"id":"${'0'.repeat(32)}","name":"uninvited.txt","size":1,"mtime":0,"mime":""}`
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
      const isWord = typeof data === 'string' && data.includes('"t":"confirm"')
      if (how === 'says nothing') return
      if (how === 'says a wrong word' && isWord) send.call(this, `{"t":"confirm","mac":"${'A'.repeat(43)}"}`)
      else if (isWord) for (const text of [hello, offer, data]) send.call(this, text)
      else send.call(this, data)
    }
  },
})

/** The first connection opens so many channels more than was agreed on; later ones none. They are kept in `odd`. */
export const oddChannels = (how: number): Trick<number> => ({
  how,
  act: (how) => {
    const odd: RTCDataChannel[] = []
    const own = { made: 0 }
    Object.assign(globalThis, { odd, own })
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the connection as `this`
    const create = RTCPeerConnection.prototype.createDataChannel
    RTCPeerConnection.prototype.createDataChannel = function (label, options) {
      const channel = create.call(this, label, options)
      if (own.made++ === 0) for (let n = 0; n < how; n++) odd.push(create.call(this, `odd ${n}\u202e<b>`))
      return channel
    }
  },
})

/** The phone calls itself so. The proof does not cover it: a name is never believed. */
export const called = (how: string): Trick<string> => ({
  how,
  act: (how) => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the socket as `this`
    const send = WebSocket.prototype.send
    WebSocket.prototype.send = function (data) {
      const named = typeof data === 'string' && data.includes('"register"')
      send.call(this, named ? data.replace(/"name":"[^"]*"/, () => `"name":${JSON.stringify(how)}`) : data)
    }
    // eslint-disable-next-line @typescript-eslint/unbound-method -- as above
    const say = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: unknown) => void
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
      const named = typeof data === 'string' && data.includes('"t":"hello"')
      say.call(this, named ? data.replace(/"name":"[^"]*"/, () => `"name":${JSON.stringify(how)}`) : data)
    }
    // On the way through the hub it would say its own name: no such way.
    const Real = Worker
    globalThis.Worker = class extends Real {
      constructor(url: string | URL, options?: WorkerOptions) {
        if (String(url).includes('socket-worker')) throw new Error('no sealed socket')
        super(url, options)
      }
    }
  },
})

/** The phone's clock is wrong by so many years. */
export const clockOff = (how: number): Trick<number> => ({
  how,
  act: (years) => {
    const real = Date.now
    Date.now = () => real() + years * 31_557_600_000
  },
})
