import { EventEmitter } from 'node:events'
import { Bonjour, type ServiceConfig } from 'bonjour-service'
import { expect, test, vi } from 'vitest'
import { Advert, advertise, describe as describeService, respondBy, type MakeResponder } from './mdns.ts'

const ME = { id: '0123456789abcdef', name: 'Anna’s computer' }

/** A network that writes down what happens; `mute` never says that anything was sent. */
function network({ mute = false, broken = false } = {}) {
  const events: string[] = []
  const trouble = new EventEmitter()
  const make: MakeResponder = (onError, onHeard) => {
    if (broken) throw new Error('EADDRINUSE')
    trouble.on('trouble', onError)
    trouble.on('packet', (address: string) => onHeard?.(address))
    return {
      publish: ({ name, port }: ServiceConfig) => {
        events.push(`publish ${name} ${port}`)
        return {
          stop: (done) => {
            events.push('goodbye')
            if (!mute) done()
          },
        }
      },
      ask: () => {
        events.push('ask')
      },
      destroy: (done) => {
        events.push('destroy')
        if (!mute) done()
      },
    }
  }
  return { events, trouble, make }
}

test('the service says version, id, name and the real port', () => {
  expect(describeService(ME, 3190)).toMatchObject({
    name: 'Anna’s computer 01234567',
    type: 'lanyard',
    protocol: 'tcp',
    port: 3190,
    host: 'lanyard-01234567.local',
    txt: { v: '2', id: ME.id, name: ME.name },
  })
})

test.each(['', '.', 'a.b.c', '电'.repeat(40), '😀'.repeat(40), 'x'.repeat(300), 'a\u0000b\nc'])(
  'name %j fits into a label',
  (name) => {
    const { name: label, txt } = describeService({ ...ME, name }, 1)
    expect(Buffer.byteLength(label)).toBeLessThanOrEqual(63)
    expect(label).not.toMatch(/[.\p{Cc}]/u)
    expect(label).not.toContain('\ufffd')
    expect(Buffer.byteLength(`name=${(txt as { name: string }).name}`)).toBeLessThanOrEqual(255)
  },
)

test('starts, starts afresh and stops, one after the other', async () => {
  const { events, make } = network()
  const advert = new Advert({ ...ME, port: 1, make })
  await Promise.all([advert.start(), advert.start(), advert.stop(), advert.stop()])
  const publish = 'publish Anna’s computer 01234567 1'
  expect(events).toEqual([publish, 'goodbye', 'destroy', publish, 'goodbye', 'destroy'])
})

test('stopping takes bounded time on a network that never answers', async () => {
  const { events, make } = network({ mute: true })
  const advert = advertise({ ...ME, port: 1, make })
  await advert.stop()
  expect(events.slice(-2)).toEqual(['goodbye', 'destroy'])
})

test('whatever goes wrong is told once', async () => {
  const log: string[] = []
  const { trouble, make } = network()
  const advert = new Advert({ ...ME, port: 1, make, log: (line) => log.push(line) })
  await advert.start()
  for (const code of ['EADDRNOTAVAIL', 'EHOSTUNREACH', 'ENODEV']) trouble.emit('trouble', new Error(code))
  expect(log).toEqual(['hub: trouble with announcing on the network: Error: EADDRNOTAVAIL'])
  await advert.stop()
})

test('asks all who are near while it announces, and tells whom it heard', async () => {
  const heard: string[] = []
  const { events, trouble, make } = network()
  const advert = new Advert({ ...ME, port: 1, make, onHeard: (address) => heard.push(address) })
  advert.ask()
  await advert.start()
  advert.ask()
  trouble.emit('packet', '192.168.1.20')
  await advert.stop()
  advert.ask()
  expect(events.filter((event) => event === 'ask')).toHaveLength(1)
  expect(heard).toEqual(['192.168.1.20'])
})

test('no socket at all: told, and nothing else', async () => {
  const log: string[] = []
  const { make } = network({ broken: true })
  const advert = new Advert({ ...ME, port: 1, make, log: (line) => log.push(line) })
  await advert.start()
  await advert.start()
  await advert.stop()
  expect(log).toHaveLength(1)
})

test('bonjour-service’s own sockets: an error is told and not thrown', async () => {
  const errors: unknown[] = []
  const bonjour = new Bonjour({}, () => undefined)
  const responder = respondBy(bonjour, (error) => errors.push(error))
  const { mdns } = (bonjour as unknown as { server: { mdns: EventEmitter } }).server
  mdns.emit('error', new Error('EADDRNOTAVAIL'))
  mdns.emit('warning', new Error('EHOSTUNREACH'))
  expect(errors.map(String)).toEqual(expect.arrayContaining(['Error: EADDRNOTAVAIL', 'Error: EHOSTUNREACH']))
  await new Promise<void>((resolve) => {
    responder.destroy(resolve)
  })
})

test('the real thing starts and ends without a word to stdout', async () => {
  const printed = vi.spyOn(console, 'log')
  const advert = advertise({ ...ME, port: 3186 })
  await advert.stop()
  expect(printed).not.toHaveBeenCalled()
  printed.mockRestore()
})
