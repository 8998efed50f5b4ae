import { spawnSync } from 'node:child_process'
import { whileItMoves } from './patience.ts'

const xdotool = (...args: readonly string[]): string[] =>
  spawnSync('xdotool', args, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)

/** Dialogs of the system are named like the program and, unlike its window, no higher than this, in px. */
const HEIGHT_MAX = 300

/** Returns the ids of all that a program has on the screen. */
export const windowsOn = (pid: number): string[] =>
  xdotool('search', '--all', '--onlyvisible', '--pid', String(pid), '--name', '^Lanyard$')

/** Returns the ids of the dialogs that a program has on the screen. */
export function dialogsOf(pid: number): string[] {
  return windowsOn(pid).filter((id) => {
    const height = xdotool('getwindowgeometry', '--shell', id).find((line) => line.startsWith('HEIGHT='))
    return Number(height?.slice('HEIGHT='.length)) <= HEIGHT_MAX
  })
}

/** Waits for a dialog of the program and presses keys in it, as a person would, until it is gone. */
export async function answerDialog(pid: number, ...keys: readonly string[]): Promise<void> {
  const [dialog = ''] = await whileItMoves('a dialog', () => dialogsOf(pid), (ids) => ids.length > 0) // prettier-ignore
  // Without a window manager nothing else gives it the keyboard; and it may not be ready for it at once.
  const press = (): string[] => {
    const there = dialogsOf(pid)
    if (there.includes(dialog)) xdotool('windowfocus', '--sync', dialog, 'key', ...keys)
    return there
  }
  await whileItMoves('the end of the dialog', press, (ids) => !ids.includes(dialog))
}
