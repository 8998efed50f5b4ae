// One setup at a time in a work tree: two that install or build together would delete each other's files.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { inRoot } from './paths.mjs'
import { say } from './say.mjs'

const FILE = inRoot('.setup.lock')
const LOOK_AGAIN_MS = 300

function take() {
  try {
    const file = openSync(FILE, 'wx')
    writeSync(file, String(process.pid))
    closeSync(file)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    return false
  }
}

/** Whether the process that wrote the lock is gone. An empty file is one that is just being written. */
function isStale() {
  try {
    const pid = Number(readFileSync(FILE, 'utf8'))
    if (pid > 0) process.kill(pid, 0)
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH'
  }
}

/**
 * @template T
 * @param {() => Promise<T>} work
 */
export async function alone(work) {
  let told = false
  while (!take()) {
    if (isStale()) rmSync(FILE, { force: true })
    else {
      if (!told) say('another setup is running here, waiting for it')
      told = true
      await wait(LOOK_AGAIN_MS)
    }
  }
  const release = () => rmSync(FILE, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}
