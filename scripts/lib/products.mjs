// Which files are the product: what tests and builds leave behind is not.
import { readdirSync } from 'node:fs'
import { inRoot } from './paths.mjs'

const FOLDERS = ['protocol', 'transfer', 'electron', 'renderer']
const NO_PRODUCT = /\.test\.ts$|\.d\.ts$|(^|\/)(testing|public)\//

/** Returns the paths of all product files, as seen from the root, with forward slashes. */
export const productFiles = () =>
  FOLDERS.flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((name) => /\.(ts|svelte)$/.test(name) && !NO_PRODUCT.test(name)),
  ).sort()
