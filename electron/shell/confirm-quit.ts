import { dialog, type BrowserWindow } from 'electron'
import { m } from '#messages'

/** Where the answers stand in the question: going on is what Enter and Escape mean. */
const STAY = 0
const QUIT = 1

/** Asks the person whether to quit although files move, and says what then becomes of them. */
export async function confirmQuit(window: BrowserWindow | null, gone: AbortSignal): Promise<boolean> {
  const question = {
    type: 'question' as const,
    title: m.app_name(),
    message: m.quit_title(),
    detail: m.quit_detail(),
    buttons: [m.quit_stay(), m.quit_go()],
    defaultId: STAY,
    cancelId: STAY,
    noLink: true,
    signal: gone,
  }
  // A sheet of a window that nobody sees would be seen by nobody.
  const parent = window?.isVisible() === true ? window : null
  const { response } = await (parent === null
    ? dialog.showMessageBox(question)
    : dialog.showMessageBox(parent, question))
  return response === QUIT
}
