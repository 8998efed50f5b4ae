import type { WindowApi } from '#electron/window-api.ts'

declare global {
  interface Window {
    /** What the preload script has put into this page. */
    readonly lanyard: WindowApi
  }
}
