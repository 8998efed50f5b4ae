// Everything these scripts tell goes to stderr: the app's stdout belongs to whoever started it (--json).
/** @param {string} text */
export const say = (text) => void process.stderr.write(`lanyard: ${text}\n`)
