/** Tells the size of an element, now and whenever it is another; returns its undo. */
export function onSize(element: Element, tell: (width: number, height: number) => void): () => void {
  const look = (): void => {
    tell(element.clientWidth, element.clientHeight)
  }
  look()
  if (typeof ResizeObserver === 'undefined') {
    addEventListener('resize', look)
    return () => {
      removeEventListener('resize', look)
    }
  }
  const observer = new ResizeObserver(look)
  observer.observe(element)
  return () => {
    observer.disconnect()
  }
}
