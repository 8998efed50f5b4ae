/**
 * How to start npm: the very npm that runs us when there is one (on Windows `npm` is a .cmd that spawn refuses).
 * @returns {[command: string, firstArguments: string[]]}
 */
export function npmCommand() {
  const running = process.env['npm_execpath']
  return running?.endsWith('npm-cli.js') ? [process.execPath, [running]] : ['npm', []]
}
