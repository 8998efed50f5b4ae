import type { ShellApi } from '#electron/shell-api.ts'

declare global {
  interface Window {
    /** What the preload script has put into this page. */
    readonly lanyard: ShellApi
  }
}
