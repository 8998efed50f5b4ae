import { safeStorage } from 'electron'
import type { Sealer } from '#store/device-store.ts'

/** The system's keychain; null while it offers none. Electron must be ready. */
export function systemSealer(): Sealer | null {
  /* eslint-disable @typescript-eslint/no-deprecated -- their successors are asynchronous, and the fallback runtime lacks them */
  if (!safeStorage.isEncryptionAvailable()) return null
  return { seal: (text) => safeStorage.encryptString(text), open: (sealed) => safeStorage.decryptString(sealed) }
  /* eslint-enable @typescript-eslint/no-deprecated */
}
