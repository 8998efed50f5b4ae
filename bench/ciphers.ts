import { RECORD_BYTES_MAX, TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { wasmAead } from '#transfer/sealing/wasm.ts'

// MB/s of each cipher in whatever runtime this is bundled for: `speeds` is called by a page, or printed by Node.
function speed(make: MakeAead, sealing: boolean): number {
  const aead = make(new Uint8Array(32))
  const [nonce, aad] = [new Uint8Array(12), new Uint8Array(13)]
  const data = new Uint8Array(RECORD_BYTES_MAX - 1)
  const once = (): void => {
    aead.seal(nonce, aad, data)
    if (!sealing) aead.open(nonce, aad, data)
  }
  for (let i = 0; i < 12; i++) once()
  const start = performance.now()
  let bytes = 0
  while (performance.now() - start < 700) {
    once()
    bytes += (data.length - TAG_BYTES) * (sealing ? 1 : 2)
  }
  return Math.round(bytes / 1000 / (performance.now() - start))
}

export function speeds(): Record<string, number> {
  const wasm = wasmAead()
  return {
    noble: speed(nobleAead, true),
    ...(wasm !== null && { wasm: speed(wasm, true), wasmBoth: speed(wasm, false) }),
  }
}

if (typeof process === 'object') console.log(speeds())
else Object.assign(globalThis, { speeds })
