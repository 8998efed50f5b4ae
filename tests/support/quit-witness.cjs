// Loaded into the app by NODE_OPTIONS: does on Electron's `quit` what electron-updater does there, some work that takes
// its time, and writes down what it saw into the file that QUIT_WITNESS names.
const process = require('node:process')
const { performance } = require('node:perf_hooks')
const { setImmediate } = require('node:timers')

if (process.versions.electron !== undefined && process.type === 'browser') {
  const { appendFileSync } = require('node:fs')
  setImmediate(() => {
    require('electron').app.once('quit', (_event, code) => {
      const until = performance.now() + 200
      while (performance.now() < until);
      appendFileSync(String(process.env.QUIT_WITNESS), `quit ${code}\n`)
    })
  })
}
