// The browser that plays the phone in the tests.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

// The first is the same browser without its own window: a test that opens a page takes a fifth less of the processor.
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Its path, or undefined: then Playwright looks for the one that `npx playwright install chromium` brings. */
export function findChromium() {
  const given = process.env['LANYARD_CHROMIUM']
  if (given) return given
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}
