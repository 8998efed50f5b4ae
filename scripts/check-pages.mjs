// The type check of the pages: svelte-check over what it makes of each component, which it keeps in a folder. Of a
// component that has moved the old one would stay there and be checked too, so the folder goes first.
import { rm } from 'node:fs/promises'
import { inRoot, packageBin } from './lib/paths.mjs'
import { become } from './lib/run.mjs'

await rm(inRoot('.svelte-check'), { recursive: true, force: true })
// Not --incremental: that one goes by time and size.
const args = ['--tsgo', '--tsconfig', './tsconfig.pages.json', '--fail-on-warnings', '--output', 'human']
process.exitCode = await become(process.execPath, [packageBin('svelte-check'), ...args])
