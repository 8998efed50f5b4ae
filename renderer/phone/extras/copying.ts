/**
 * Puts the text on the clipboard. Over plain http that is only possible through a selection, and only during a tap.
 * False: the browser did not.
 */
export function copyText(text: string): boolean {
  const before = document.activeElement
  const box = document.createElement('textarea')
  box.value = text
  // Else a phone shows its keyboard.
  box.readOnly = true
  Object.assign(box.style, { position: 'fixed', top: '0', opacity: '0' })
  document.body.append(box)
  box.select()
  // Old iPhones select nothing else.
  box.setSelectionRange(0, text.length)
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- what replaced it does not exist over plain http
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    box.remove()
    if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  }
}
