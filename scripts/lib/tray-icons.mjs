// The tray's icons are files, which Electron reads by their path: beside the program's code, where a package has them too.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * Puts resources/tray into the build's folder `tray`.
 * @returns {import('vite').Plugin}
 */
export const trayIcons = () => ({
  name: 'lanyard:tray-icons',
  generateBundle() {
    // The bundled configuration does not know where this file stood.
    const folder = resolve('resources/tray')
    for (const name of readdirSync(folder))
      this.emitFile({ type: 'asset', fileName: `tray/${name}`, source: readFileSync(join(folder, name)) })
  },
})
