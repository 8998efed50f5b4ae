/**
 * Every number that both sides rely on: its unit and its reason.
 * A number that only one side needs lives beside the code that needs it.
 */

/** Bytes. The unit of checking and, later, of resuming: 32 bytes of hash for every MiB is 0.003 %. */
export const BLOCK_BYTES = 1_048_576

/** Bytes before the payload of a binary frame, see blocks.ts. */
export const BLOCK_HEADER_BYTES = 16

/** Bytes of one message that every lane takes in, and that a sealed socket sends. */
export const MESSAGE_BYTES_MAX = 262_144

/**
 * What is sent over a data channel in one message, at most: bytes, header included, and characters of a piece of a text.
 * Older stacks of phones tear larger messages (one of 262,144 bytes comes in two), whatever they say they take.
 */
export const CHANNEL_MESSAGE_BYTES_MAX = 65_536
export const PIECE_CHARS_MAX = 16_384

/**
 * Bytes a sender may have under way, not yet acknowledged, for one transfer. It bounds what a receiver
 * must hold when its disk is slow; at 50 MB/s it covers a round trip of 160 ms.
 */
export const CREDIT_BYTES = 8_388_608

/**
 * Bytes of binary messages that a side has on their way over one data channel, to who tells how many have come, and after
 * how many more that is told. Measured: from 1.5 MiB on a browser's own queues lose some, and below 1 MiB a computer with
 * two cores is slower (decision 0022). At a round trip of 20 ms it is 52 MB/s.
 */
export const FLIGHT_BYTES_MAX = 1_048_576
export const GOT_EVERY_BYTES = 131_072

/**
 * Milliseconds of filler that one `measure` may ask for, bytes of it that are sent at most, those of them that are under
 * way, not yet told of by `measured`, and after how many more that is told. A second's worth would hold up a file that
 * begins meanwhile: who sends has no more under way than the other side takes in a fifth of a second.
 */
export const MEASURE_MS_MAX = 5_000
export const MEASURE_BYTES_MAX = 536_870_912
export const MEASURE_FLIGHT_BYTES_MAX = 4_194_304
export const MEASURED_EVERY_BYTES = 65_536

/**
 * Files that may be offered and not yet ended, to one receiver. A person who is asked sees a whole batch at once, so
 * a sender offers ahead; an offer costs the receiver a name and a row on the screen.
 */
export const OFFERS_MAX = 256

/** Files of one batch. A list of more costs both sides more than one name for all of it: pack it first. */
export const BATCH_FILES_MAX = 200_000

/** Folders within folders that a file may lie in. Deeper paths are cut by some systems, and loops look like this. */
export const PATH_DEPTH_MAX = 32

/** Characters of the list of blocks that a receiver has: base64url, six blocks in each, so a file of 1.2 TiB. */
export const HAVE_CHARS_MAX = 200_000

/** Bytes of the largest file that can be offered: all of its blocks fit that list. What is larger is stopped with `too-large`. */
export const FILE_BYTES_MAX = HAVE_CHARS_MAX * 6 * BLOCK_BYTES

/** Milliseconds between 1970 and the last moment, and the first, that a Date of JavaScript can hold. */
export const TIME_MS_MAX = 8_640_000_000_000_000

/** Partials of earlier tries that a receiver tells of. More than a person would pick again one by one. */
export const UNFINISHED_MAX = 64

/**
 * Milliseconds of silence after which a side says `ping`, and after which it gives a lane up. Together with the time to
 * notice (a second) the second is below the 8 seconds within which a transfer goes on over another lane.
 */
export const PING_AFTER_MS = 2_000
export const SILENT_AFTER_MS = 6_500

/** Characters of one text message. Frames are small; a megabyte here is an attack or a mistake. */
export const CONTROL_CHARS_MAX = 262_144

/**
 * Bytes of a thumbnail, and pixels of each of its sides. It is shown before anybody said yes to the file, so it is
 * small enough to cost nothing, also for a batch, and also when it is not what it should be.
 */
export const THUMB_BYTES_MAX = 6_144
export const THUMB_PIXELS_MAX = 256

/**
 * Synced records: characters of an id, a title, a text (a longer one is a file), and of a cursor; records of a page, which
 * as a whole fits one message; ids in one frame of an export, which fits too, whatever characters they have.
 */
export const RECORD_ID_CHARS_MAX = 128
export const RECORD_TITLE_CHARS_MAX = 512
export const RECORD_TEXT_CHARS_MAX = 32_768
export const CURSOR_CHARS_MAX = 128
export const RECORD_PAGE_MAX = 500
export const EXPORT_IDS_MAX = 300

/** Characters of a text that is sent at once. In JSON each may take six, and it has to fit one frame. */
export const TEXT_CHARS_MAX = 32_768

/** Characters of a file name on the wire; what lands on disk is cut further (electron/inbox/file-names.ts). */
export const NAME_CHARS_MAX = 4_096

/** Things that can't be sent which are named to the other side, and characters of each name: what a person reads of them. */
export const SKIPPED_NAMES_MAX = 20
export const SKIPPED_CHARS_MAX = 400

/** Characters of a media type. */
export const MIME_CHARS_MAX = 255

/** Characters of a device's name, after cleaning. A longer one would push buttons out of view. */
export const DEVICE_NAME_CHARS_MAX = 40

/** Places at which a computer says that its hub can be reached: its addresses, and its name on the local network. */
export const PLACES_MAX = 8

/** Characters of a uid. Ours have 22; the 2018 clients used whatever they liked. */
export const UID_CHARS_MAX = 256

/** Characters of an `exception` text that legacy clients show to people. */
export const EXCEPTION_CHARS_MAX = 4_096

/** Bytes of one Socket.IO message. A legacy app's whole record list travels in one `syncto`. */
export const HUB_MESSAGE_BYTES_MAX = 8_388_608

/** Characters of a session description that a peer accepts. Ours have about 500. */
export const SDP_CHARS_MAX = 32_768

/** Candidates that a peer accepts for one connection. */
export const CANDIDATES_MAX = 128

/** Bytes of a piece that a legacy app sends and can take. */
export const LEGACY_PIECE_BYTES = 16_384

/** TCP port of the hub, the one that the 2018 clients know. */
export const HUB_PORT = 3186

/** The protocol's version, told in `register`, in the link and by mDNS. */
export const PROTOCOL_VERSION = 2

/**
 * Characters of one Socket.IO packet of a client, by its event; bytes of attachments count too. A larger one is
 * dropped unread. A text of 4096 characters can take 24,576 in JSON. The hub does not look into a `message`: peers
 * check what they get.
 */
export const CLIENT_EVENT_CHARS_MAX = {
  register: 16_384,
  ipaddr: 1_024,
  syncto: HUB_MESSAGE_BYTES_MAX,
  message: 2_097_152,
  export: 1_048_576,
  transfile: 32_768,
  ctrlSendSpeed: 256,
  exception: 32_768,
} as const

/** Characters of any other packet: connect with its `auth`, disconnect, events that nobody knows. */
export const OTHER_PACKET_CHARS_MAX = 4_096

/** Bytes of one message until the hub has let its client in. A registration has less than 1 KiB. */
export const GUEST_MESSAGE_BYTES_MAX = 65_536

/**
 * Packets and bytes that a client may send in a second, and at once after a pause, until the hub has let it in: it
 * connects, registers, proves a key, answers pings. Whoever is on the network gets that far.
 */
export const GUEST_PACKETS_PER_SECOND = 5
export const GUEST_PACKETS_BURST = 30
export const GUEST_BYTES_PER_SECOND = 8_192
export const GUEST_BYTES_BURST = 98_304

/**
 * Packets that a client may send in a second, and at once after a pause; `ctrlSendSpeed` does not count. A
 * connection with 128 candidates takes about 140.
 */
export const PACKETS_PER_SECOND = 200
export const PACKETS_BURST = 400
