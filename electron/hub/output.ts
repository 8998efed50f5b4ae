/** Writes text to one of the program's own streams, or to nobody. */
export type Write = (text: string) => void

/**
 * Returns what writes to a stream whose reader may be gone: a closed terminal, a pipe into `head`, a full disk. That is
 * no reason to stop, and it must never become an uncaught exception: that is told on the same stream, which fails again.
 */
export function writerTo(stream: () => NodeJS.WritableStream): Write {
  try {
    const out = stream()
    out.on('error', () => undefined)
    return (text) => {
      try {
        out.write(text)
      } catch {
        // As below.
      }
    }
  } catch {
    // The descriptor is none that can be written to.
    return () => undefined
  }
}
