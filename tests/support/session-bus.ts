import { spawn } from 'node:child_process'
import { once, type EventEmitter } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Message, sessionBus, type MessageBus } from '@jellybrick/dbus-next'
import { scratch } from './files.ts'

/** A session bus of a test's own, so that nothing of the machine's session is met. */
export interface SessionBus {
  readonly address: string
  /** Connects to it, as a stand-in of what a desktop has there. */
  readonly connect: () => Promise<MessageBus>
  readonly stop: () => Promise<void>
}

export async function startSessionBus(): Promise<SessionBus> {
  const folder = await scratch()
  const where = `unix:path=${join(folder.path, 'bus')}`
  const daemon = spawn(
    'dbus-daemon',
    ['--session', '--nofork', '--nopidfile', `--address=${where}`, '--print-address'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const exit = once(daemon, 'exit')
  const [address] = (await Promise.race([
    once(createInterface({ input: daemon.stdout }), 'line'),
    exit.then(() => Promise.reject(new Error('dbus-daemon did not start'))),
  ])) as [string]
  const open: MessageBus[] = []
  return {
    address,
    connect: async () => {
      const bus = sessionBus({ busAddress: address })
      // It ends with its daemon, which its types do not know of.
      ;(bus as EventEmitter).on('error', () => undefined)
      open.push(bus)
      await once(bus, 'connect')
      return bus
    },
    stop: async () => {
      for (const bus of open) bus.disconnect()
      daemon.kill()
      await exit
      await folder.remove()
    },
  }
}

/** Answers a call of a method of an interface. Returns undefined for a method that it does not know. */
export type Answering = (call: Message) => readonly [signature: string, ...body: unknown[]] | undefined

/** Answers the calls of one interface at one connection. */
export function serve(bus: MessageBus, face: string, answer: Answering): void {
  bus.addMethodHandler((call: Message) => {
    if (call.interface !== face) return false
    const [signature, ...body] = answer(call) ?? []
    bus.send(
      signature === undefined
        ? Message.newError(call, 'org.freedesktop.DBus.Error.UnknownMethod')
        : Message.newMethodReturn(call, signature, body),
    )
    return true
  })
}
