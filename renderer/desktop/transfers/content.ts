/** What was pasted into the window or dropped on it, as it goes to a phone. */
export type Content = { readonly files: File[] } | { readonly text: string }

/** Characters of a text, as the protocol has it; more is a file. */
const TEXT_CHARS_MAX = 32_768

export const isTooLong = (content: Content): boolean => 'text' in content && content.text.length > TEXT_CHARS_MAX

/**
 * Returns what a person means by it; null for nothing. Files of the disk come before text: a file manager puts their names
 * beside them. Text comes before pictures that are in no file: a spreadsheet puts one of its cells beside them, and a
 * browser the image beside its address.
 */
export function contentOf(data: DataTransfer | null, isOnDisk: (file: File) => boolean): Content | null {
  const files = [...(data?.files ?? [])]
  if (data === null || files.some(isOnDisk)) return files.length > 0 ? { files } : null
  const text = [data.getData('text/plain'), linksIn(data.getData('text/uri-list'))].find((one) => one.trim() !== '')
  if (text !== undefined) return { text }
  return files.length > 0 ? { files } : null
}

/** Of RFC 2483: one a line, and comments. */
const linksIn = (list: string): string =>
  list
    .split(/\r?\n/u)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')
