// Turns messages/*.json into typed functions in messages/compiled.
import { compile } from '@inlang/paraglide-js'
import { inRoot } from './lib/paths.mjs'

await compile({
  project: inRoot('project.inlang'),
  outdir: inRoot('messages/compiled'),
  // messages/locale.ts says which language it is; without it a page follows its browser.
  strategy: ['globalVariable', 'preferredLanguage', 'baseLocale'],
  // One module for each language: the phone's page takes its own alone (vite.phone.config.ts).
  outputStructure: 'locale-modules',
  emitReadme: false,
  // There is no server that renders for several people at once.
  disableAsyncLocalStorage: true,
})
// Its database keeps timers that would hold the process for a while.
process.exit()
