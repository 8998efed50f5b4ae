import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

// The plainest http server: POST goes to disk, GET /file comes from disk. Arguments: folder, file, address to listen on.
const [folder = '', file = '', address = '127.0.0.1'] = process.argv.slice(2)

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    pipeline(request, createWriteStream(join(folder, 'posted.bin'))).then(
      () => response.end('ok'),
      () => response.destroy(),
    )
  } else if (request.url === '/file') {
    void stat(file).then(({ size }) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
      return pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), response).catch(() => undefined)
    })
  } else response.setHeader('content-type', 'text/html').end('<!doctype html><title>plain</title>')
})
server.listen(0, address, () => {
  const at = server.address()
  console.log(JSON.stringify({ event: 'listening', port: typeof at === 'object' ? at?.port : 0 }))
})
process.once('SIGTERM', () => process.exit(0))
