// node tests/reference-phone/phone.mjs [LINK] [options]: a phone in plain Node. See README.md beside this file.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { decodePart } from './blocks.mjs'
import { Channel } from './channel.mjs'
import { Hub } from './hub.mjs'
import { Receiving } from './receiving.mjs'
import { Origin, Shelf } from './records.mjs'
import { newId } from './secrets.mjs'
import { Sending } from './sending.mjs'
import { keep, refuse, start } from './start.mjs'
import { Texts } from './texts.mjs'

const text = { type: 'string' }
const { options, ...known } = start({
  name: { ...text, default: 'Reference phone' },
  inbox: { ...text, default: 'received' },
  offer: text,
  notes: { ...text, default: '0' },
  state: text,
})

/** For a person, or a test: one line of JSON each. */
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`)

// --- Who we are: the link at first, the name and key that the computer gave us from then on.

let { secret } = known

// --- What we have.

const shelf = new Shelf()
/** Paths of the records that are files. */
const paths = new Map()

for (let i = 1; i <= Number(options.notes); i++)
  shelf.put({ id: `note-${i}`, kind: 'note', title: `Note ${i}`, text: `The text of note ${i}`, modified: i })

for (const name of options.offer === undefined
  ? []
  : await readdir(options.offer).catch(({ message }) => refuse(message))) {
  const path = join(options.offer, name)
  const { size, mtimeMs } = await stat(path)
  shelf.put({ id: `file-${name}`, kind: 'file', title: name, size, modified: Math.round(mtimeMs) })
  paths.set(`file-${name}`, path)
}

/** An export: sends the files that there are, tells which records have none. */
async function give(id, asked) {
  const ids = asked ?? [...paths.keys()]
  const there = ids.filter((one) => paths.has(one) && shelf.get(one)?.deleted !== true)
  if (there.length > 0) await sending.send(there.map((one) => paths.get(one)), { id, name: 'Export' }) // prettier-ignore
  tell({ event: 'export', id, files: there.length })
  return { ids: ids.filter((one) => !there.includes(one)), hasAny: there.length > 0 }
}

// --- What we do with the computer. All of it outlives the channel: lanes come and go.

let channel = null
const session = newId()
const say = (frame) => channel?.say(frame)
const sending = new Sending(() => (channel?.isOpen ? channel : null), tell)
const receiving = new Receiving(options.inbox, say, tell)
const origin = new Origin(shelf, say, give, tell)
const texts = new Texts(say, tell)

function take(data) {
  if (typeof data !== 'string') return receiving.receive(decodePart(data))
  const frame = JSON.parse(data)
  switch (frame.t) {
    case 'hello':
      return greeted(frame)
    case 'credentials':
      secret = keep(secret, frame, options.state)
      return tell({ event: 'kept' })
    case 'close':
      // We did not keep to the protocol, and would not the next time either.
      tell({ event: 'ended', code: frame.code })
      return quit(1)
    case 'resume':
      receiving.resume(frame.ns)
      return sending.resume()
    case 'sync':
    case 'export':
      return origin.receive(frame)
    case 'text':
    case 'text-ack':
      return texts.receive(frame)
    case 'offer':
    case 'block':
    case 'end':
      return receiving.receive(frame)
    case 'accept':
    case 'ack':
    case 'resend':
    case 'done':
      return sending.receive(frame)
    case 'stop':
    case 'pause':
      return frame.n % 2 === 1 ? sending.receive(frame) : receiving.receive(frame)
    default:
      // `ping`, `unfinished`, and whatever a later version says.
      return undefined
  }
}

/** First on each channel, from both sides. What was said over the last one may be lost. */
function greeted(hello) {
  tell({ event: 'connected', name: hello.name })
  if (channel !== null) channel.takesPieces = hello.pieces === true
  sending.resume()
  origin.greeted()
  if (hello.texts === true) texts.greeted()
}

// --- Meeting.

let proved = null
const hub = new Hub({
  url: secret.url,
  name: options.name,
  secret: () => secret,
  onJoined: (its) => connect((proved = its)),
  onLeft: () => channel?.close(),
  onMessage: (message) => void channel?.receive(message).catch(() => channel?.close()),
  onUnreachable: (message) => tell({ event: 'error', message }),
  onRefused: (code) => {
    tell({ event: 'refused', code })
    quit(1)
  },
})

function connect(its) {
  const before = channel
  const own = new Channel(its, {
    send: (message) => hub.send(message),
    onOpen: () =>
      say({ t: 'hello', v: 2, name: options.name, kind: 'app', session, pieces: true, got: true, records: true, texts: true }), // prettier-ignore
    onFrame: (data) => take(data),
    onClose: () => {
      if (channel !== own) return
      channel = null
      tell({ event: 'disconnected' })
      // As long as the hub is there the computer is, or `joined` tells that it is back.
      setTimeout(() => channel === null && proved === its && connect(its), 2_000)
    },
  })
  channel = own
  before?.close()
  void own.offer().catch(() => own.close())
}

// --- A person types.

const commands = {
  send: (path) => sending.send([path]),
  say: (text) => texts.send(text),
  note: (text) => {
    shelf.put({ id: newId(), kind: 'note', title: text.slice(0, 80), text, modified: Date.now() })
    origin.changed()
  },
  edit: (rest) => {
    const [, id, text] = /^(\S+) (.*)$/.exec(rest)
    shelf.put({ ...shelf.get(id), title: text.slice(0, 80), text, modified: Date.now() })
    origin.changed()
  },
  /** Any record, as JSON. */
  put: (json) => {
    shelf.put(JSON.parse(json))
    origin.changed()
  },
  delete: (id) => {
    shelf.remove(id)
    origin.changed()
  },
  cut: () => channel?.close(),
  quit: () => quit(0),
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [, command, rest] = /^(\w+) ?(.*)$/.exec(line) ?? []
  Promise.resolve(commands[command]?.(rest)).catch((error) => tell({ event: 'error', message: error.message }))
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => quit(0))

function quit(code) {
  proved = null
  channel?.close()
  hub.close()
  process.exit(code)
}
