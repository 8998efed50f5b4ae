// A contact sheet: the pictures of all states on one, small, each state with its name under it.
import { readFile } from 'node:fs/promises'

/** Of a sheet: four columns of desktop states, three of phone states. */
const WIDTH = { desktop: 3840, phone: 1880 }
const SCALE = { desktop: 0.31, phone: 0.37 }
const CSS = `
  body { margin: 16px; font: 13px system-ui, sans-serif; background: #888; color: #000 }
  main { display: flex; flex-wrap: wrap; gap: 14px 20px; align-items: end }
  figure { margin: 0; padding: 8px; background: #bbb }
  figure div { display: flex; gap: 8px; align-items: end }
  figcaption { padding-top: 6px; font-weight: 600 }
  .dark { background: #333 } .dark figure { background: #555; color: #fff }`

/** @param {{ browser: import('@playwright/test').Browser, views: any[], scheme: string, file: string }} given */
export async function sheet({ browser, views, scheme, file }) {
  const states = [...new Set(views.map(({ state }) => state))]
  const image = async (/** @type {any} */ view) => {
    const data = (await readFile(view.file)).toString('base64')
    const width = Math.round(view.width * SCALE[/** @type {'desktop' | 'phone'} */ (view.page)])
    return `<img width="${width}" src="data:image/png;base64,${data}">`
  }
  const figures = await Promise.all(
    states.map(async (state) => {
      const images = await Promise.all(views.filter((view) => view.state === state).map(image))
      return `<figure><div>${images.join('')}</div><figcaption>${state}</figcaption></figure>`
    }),
  )
  const width = WIDTH[/** @type {'desktop' | 'phone'} */ (views[0].page)]
  const page = await browser.newPage({ viewport: { width, height: 800 } })
  await page.setContent(`<style>${CSS}</style><body class="${scheme}"><main>${figures.join('')}</main>`)
  await page.evaluate(() => Promise.all([...document.images].map((one) => one.decode())))
  await page.screenshot({ path: file, fullPage: true })
  await page.close()
}
