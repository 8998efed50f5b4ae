// node scripts/icons.mjs: draws the icons of all systems from resources/icon.svg. To be run by hand when that changes.
import { chromium } from '@playwright/test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { findChromium } from './lib/chromium.mjs'
import { inRoot } from './lib/paths.mjs'

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256]
// Apple's names for an image of so many pixels. Those for dense screens (ic11 to ic14) are the same pixels once more.
/** @type {[name: string, size: number][]} */
const ICNS = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
]

/** @param {string} svg */
async function draw(svg) {
  const executablePath = findChromium()
  const found = executablePath === undefined ? {} : { executablePath }
  const browser = await chromium.launch({ args: ['--no-sandbox'], ...found })
  /** @type {Map<number, Buffer>} */
  const images = new Map()
  for (const size of SIZES) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    await page.setContent(`<style>* { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${svg}`)
    images.set(size, await page.screenshot({ omitBackground: true }))
    await page.close()
  }
  await browser.close()
  return images
}

/**
 * Windows: a directory of 16 bytes each, then the PNGs. A side of 256 is written as 0.
 * @param {Map<number, Buffer>} images
 */
function ico(images) {
  const chosen = ICO_SIZES.map((size) => ({ size, image: images.get(size) ?? Buffer.alloc(0) }))
  const head = Buffer.alloc(6 + 16 * chosen.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(chosen.length, 4)
  let offset = head.length
  chosen.forEach(({ size, image }, index) => {
    const at = 6 + 16 * index
    head.writeUInt8(size % 256, at)
    head.writeUInt8(size % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(image.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += image.length
  })
  return Buffer.concat([head, ...chosen.map(({ image }) => image)])
}

/**
 * macOS: name and length before each PNG, and the same before all.
 * @param {Map<number, Buffer>} images
 */
function icns(images) {
  const chunk = (/** @type {string} */ name, /** @type {Buffer[]} */ parts) => {
    const body = Buffer.concat(parts)
    const head = Buffer.alloc(8)
    head.write(name, 'latin1')
    head.writeUInt32BE(8 + body.length, 4)
    return Buffer.concat([head, body])
  }
  return chunk(
    'icns',
    ICNS.map(([name, size]) => chunk(name, [images.get(size) ?? Buffer.alloc(0)])),
  )
}

const images = await draw(readFileSync(inRoot('resources/icon.svg'), 'utf8'))
mkdirSync(inRoot('resources/icons'), { recursive: true })
for (const [size, image] of images) writeFileSync(inRoot(`resources/icons/${size}x${size}.png`), image)
writeFileSync(inRoot('resources/icon.ico'), ico(images))
writeFileSync(inRoot('resources/icon.icns'), icns(images))
