import { sameBytes } from '#protocol/primitives.ts'
import { TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'
import { nobleAead } from './noble.ts'

const counted = (length: number, from: number): Uint8Array => Uint8Array.from({ length }, (_, i) => from + i)
const withRoom = (payload: Uint8Array): Uint8Array => Uint8Array.from([...payload, ...new Uint8Array(TAG_BYTES)])

/** The example of RFC 8439, 2.8.2, of which the tag stands for all that goes into it. */
const EXAMPLE = {
  key: counted(32, 0x80),
  nonce: Uint8Array.from([7, 0, 0, 0, ...counted(8, 0x40)]),
  aad: Uint8Array.from([0x50, 0x51, 0x52, 0x53, ...counted(8, 0xc0)]),
  text:
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, " +
    'sunscreen would be it.',
  tag: [0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a, 0x7e, 0x90, 0x2e, 0xcb, 0xd0, 0x60, 0x06, 0x91],
}

function givesExample(make: MakeAead): boolean {
  const { key, nonce, aad, text, tag } = EXAMPLE
  const data = withRoom(new TextEncoder().encode(text))
  make(key).seal(nonce, aad, data)
  return sameBytes(data.subarray(-TAG_BYTES), Uint8Array.from(tag))
}

/** There and back, at a length that is no multiple of anything; and whether a changed bit is seen. */
function agrees(one: MakeAead, other: MakeAead): boolean {
  const [key, nonce, aad] = [counted(32, 1), counted(12, 200), counted(13, 0)]
  const plain = Uint8Array.from({ length: 1003 }, (_, i) => i * i)
  const [mine, its] = [withRoom(plain), withRoom(plain)]
  one(key).seal(nonce, aad, mine)
  other(key).seal(nonce, aad, its)
  if (!sameBytes(mine, its)) return false
  const changed = Uint8Array.from(mine)
  changed[1002] = (changed[1002] ?? 0) ^ 1
  if (one(key).open(nonce, aad, changed)) return false
  return one(key).open(nonce, aad, mine) && sameBytes(mine.subarray(0, -TAG_BYTES), plain)
}

/** Tells whether a cipher gives the known answer, and does the same as the audited one in script. */
export function answersRight(make: MakeAead): boolean {
  try {
    return givesExample(make) && agrees(make, nobleAead)
  } catch {
    // The runtime lacks it, or it can't do what it is asked for.
    return false
  }
}
