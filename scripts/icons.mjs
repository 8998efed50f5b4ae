// node scripts/icons.mjs: draws resources/icon.svg in all sizes. To be run by hand when that changes. Linux takes them as they
// are; for Windows and macOS electron-builder makes its icon of the largest.
import { chromium } from '@playwright/test'
import { mkdirSync, readFileSync } from 'node:fs'
import { findChromium } from './lib/chromium.mjs'
import { inRoot } from './lib/paths.mjs'

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]

const svg = readFileSync(inRoot('resources/icon.svg'), 'utf8')
const executablePath = findChromium()
const browser = await chromium.launch({
  args: ['--no-sandbox'],
  ...(executablePath !== undefined && { executablePath }),
})
mkdirSync(inRoot('resources/icons'), { recursive: true })
for (const size of SIZES) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(`<style>* { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${svg}`)
  await page.screenshot({ path: inRoot(`resources/icons/${size}x${size}.png`), omitBackground: true })
  await page.close()
}
await browser.close()
