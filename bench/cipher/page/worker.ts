import { ciphers, paceOf } from '../pace.ts'

const all = ciphers()

self.onmessage = ({ data }: MessageEvent<string>) =>
  void all.then((known) => {
    const make = known.get(data)
    self.postMessage({ ciphers: [...known.keys()], ...(make !== undefined && { pace: paceOf(make) }) })
  })
