/** What the section announces. One codec instead of all: the offer grows by 1 kB, not by 6. */
const MIME = 'video/VP8'

/**
 * Makes the browser give this connection's UDP socket large buffers, by way of a video section that never
 * carries anything. Chrome leaves 128 KiB for what comes in to a connection with data only, some 57 packets:
 * a busy computer loses part of them, and SCTP takes every loss for a full network and slows down. With a
 * video section the socket has 2 MiB. Costs no permission and no packets; see decision 0011.
 */
export function widenSocketBuffers(peer: RTCPeerConnection): void {
  try {
    const section = peer.addTransceiver('video', { direction: 'inactive' })
    const codec = RTCRtpReceiver.getCapabilities('video')?.codecs.find(({ mimeType }) => mimeType === MIME)
    // Older browsers have no such method; a longer offer is all that they get for it.
    if (codec !== undefined && 'setCodecPreferences' in section) section.setCodecPreferences([codec])
  } catch {
    // A browser that is built or set to do without media goes without, and somewhat slower.
  }
}
