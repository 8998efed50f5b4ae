/**
 * @typedef {object} Task
 * @property {number} cores how many processor cores it keeps busy; at most as many as there are
 * @property {() => Promise<unknown>} run never rejects
 * @property {Promise<unknown> | undefined} [after] it begins when this has ended
 */

/**
 * Runs all tasks, as many at a time as there are cores for. One that has too few, or has to wait, is overtaken by those
 * behind it.
 * @param {readonly Task[]} tasks
 * @param {number} cores
 */
export async function sideBySide(tasks, cores) {
  const waiting = [...tasks]
  const running = new Set()
  const blocked = new Map(tasks.flatMap((task) => (task.after === undefined ? [] : [[task, task.after]])))
  let free = cores
  for (const [task, after] of blocked) void after.then(() => blocked.delete(task))
  const begin = (/** @type {Task} */ task) => {
    waiting.splice(waiting.indexOf(task), 1)
    const taken = Math.min(task.cores, cores)
    free -= taken
    const run = task.run().then(() => {
      running.delete(run)
      free += taken
    })
    running.add(run)
  }
  while (waiting.length > 0) {
    const next = waiting.find((task) => Math.min(task.cores, cores) <= free && !blocked.has(task))
    if (next !== undefined) begin(next)
    else await Promise.race([...running, ...blocked.values()])
  }
  await Promise.all(running)
}
