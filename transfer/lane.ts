/**
 * A lane carries frames between the two ends of a session, whole: text frames (JSON) and binary ones (parts of blocks), each
 * kind in its order. Text may overtake bytes that wait. Lanes come and go; transfers belong to the session.
 */
export type LaneKind = 'webrtc' | 'legacy' | 'socket' | 'http'

export interface LaneEvents {
  onFrame(data: string | Uint8Array): void
  /** Once, whoever ended it. */
  onClose(): void
}

export interface Lane {
  readonly kind: LaneKind
  /** Bytes: the largest message that fits through. */
  readonly maxMessage: number
  /**
   * Takes a copy of the frame at once: the caller may use its memory again. Ask `ready` first when it is large.
   * After the end it does nothing.
   */
  send(data: string | Uint8Array): void
  /** Resolves when the lane wants more, or has ended. Never rejects. */
  ready(): Promise<void>
  /** Sets who is told. What arrived before is delivered then, as it came. */
  listen(events: LaneEvents): void
  close(): void
}
