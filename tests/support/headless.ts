import { join } from 'node:path'
import { scratch } from './files.ts'
import { Started } from './started.ts'

/** The app without a window, started by `command` with a folder of its own. */
export interface Headless {
  readonly app: Started
  readonly link: string
  readonly inbox: string
  readonly data: string
  /** SIGTERM; resolves to the exit code. */
  close(): Promise<number | null>
}

export async function startHeadless(
  command: string,
  args: readonly string[],
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Headless> {
  const folder = await scratch()
  const inbox = join(folder.path, 'received', 'here')
  const data = join(folder.path, 'data')
  const own = [
    '--headless',
    '--json',
    '--port',
    '0',
    '--host',
    '127.0.0.1',
    '--inbox',
    inbox,
    '--data',
    data,
    ...options,
  ]
  const app = new Started(command, [...args, ...own], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...withoutDisplay(), ...env },
  })
  try {
    const ready = await app.events.wait('ready', (e) => e.event === 'ready')
    return {
      app,
      link: String(ready['link']),
      inbox,
      data,
      close: async () => {
        const code = await app.stop()
        await folder.remove()
        return code
      },
    }
  } catch (error) {
    await app.stop('SIGKILL')
    throw new Error(`${String(error)}\n${app.stderr}`, { cause: error })
  }
}

export function withoutDisplay(): NodeJS.ProcessEnv {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...rest } = process.env
  return rest
}
