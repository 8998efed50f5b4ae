import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * Starts a screen for the apps of one worker, without which two workers have one clipboard and one focus. Returns what ends
 * it. Only where the run has one of its own already (X, under Linux): other systems' windows are no matter of the program's.
 */
export async function ownScreen(): Promise<() => void> {
  if (process.platform !== 'linux' || !process.env['DISPLAY']) return () => undefined
  const size = ['-screen', '0', '1280x900x24']
  const server = spawn('Xvfb', ['-displayfd', '3', ...size, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const told = createInterface({ input: server.stdio[3] as NodeJS.ReadableStream })
  const [number] = (await Promise.race([once(told, 'line'), once(server, 'exit')])) as [unknown]
  if (server.exitCode !== null) throw new Error('Xvfb did not start')
  process.env['DISPLAY'] = `:${String(number)}`
  return () => server.kill()
}
