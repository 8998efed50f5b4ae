/** 32 characters of hex, drawn anew: a page over plain http has no randomUUID. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
