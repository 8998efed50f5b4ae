// node scripts/icons.mjs: draws resources/icon.svg in all sizes, and resources/tray.svg for light and dark panels. To be run by hand when that changes. Linux takes them as they
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

const TRAY_SIZES = [16, 20, 24, 32, 48]
const PANELS = { light: '#000', dark: '#fff' }
const MARKS = ['plain', 'unseen', 'moving']
const tray = readFileSync(inRoot('resources/tray.svg'), 'utf8')
mkdirSync(inRoot('resources/tray'), { recursive: true })
const page = await browser.newPage()
for (const [panel, colour] of Object.entries(PANELS))
  for (const mark of MARKS)
    for (const size of TRAY_SIZES) {
      const hidden = MARKS.filter((one) => one !== mark).map((one) => `.${one} { display: none }`)
      await page.setViewportSize({ width: size, height: size })
      const style = `* { margin: 0 } svg { display: block; width: 100vw; height: 100vh; color: ${colour} } ${hidden.join(' ')}`
      await page.setContent(`<style>${style}</style>${tray}`)
      await page.screenshot({ path: inRoot(`resources/tray/${panel}-${mark}-${size}.png`), omitBackground: true })
    }
await browser.close()
