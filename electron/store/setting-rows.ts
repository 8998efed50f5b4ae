import * as v from 'valibot'
import { LaneWish } from '#protocol/frames.ts'
import { HUB_PORT } from '#protocol/limits.ts'
import { isIpv6 } from '#protocol/networks.ts'

/** Characters of a path, as many as Windows takes at most. */
const PATH_CHARS_MAX = 32_768

/** Folders of a folder rule: more phones than are remembered, and more kinds than there are. */
const RULES_MAX = 256

/** Networks that a person names, and how long a prefix of one may be: a shorter one is nobody's network. */
const NETWORKS_MAX = 16
const IPV4_BITS = { min: 8, max: 32 }
const IPV6_BITS = { min: 32, max: 128 }

const Switch = v.boolean()
const Ipv4 = v.pipe(v.string(), v.ipv4())
const Ipv6 = v.pipe(v.string(), v.check(isIpv6, 'not an IPv6 address'))
/** A network as `address/bits`. */
export const NearNetwork = v.pipe(
  v.string(),
  v.check((text) => {
    const [address = '', bits = '', ...more] = text.split('/')
    const { min, max } = isIpv6(address) ? IPV6_BITS : IPV4_BITS
    const isPrefix = /^\d{1,3}$/.test(bits) && Number(bits) >= min && Number(bits) <= max
    return more.length === 0 && isPrefix && v.is(v.union([Ipv4, Ipv6]), address)
  }, 'not a network'),
)
/** A folder by its absolute path. No Node here: the window reads these types too. */
const Folder = v.pipe(
  v.string(),
  v.maxLength(PATH_CHARS_MAX),
  v.regex(/^(?:[/\\]|[a-z]:[/\\])[^\0]*$/i, 'not an absolute path'),
)
const Folders = v.pipe(
  v.unknown(),
  v.check((rules) => !Array.isArray(rules), 'not an object'),
  v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(64)), Folder),
  v.check((rules) => Object.keys(rules).length <= RULES_MAX, 'too many'),
)

/** What a file is, for the folder that it lands in. */
export const FileKind = v.picklist(['pictures', 'videos', 'other'])
export type FileKind = v.InferOutput<typeof FileKind>

/** What happens when an app of 2018, which proves nothing, wants to join. */
export const LegacyPolicy = v.picklist(['ask', 'never', 'always'])
export type LegacyPolicy = v.InferOutput<typeof LegacyPolicy>

/** A setting on the command line, which counts for that run alone. */
export interface SettingOption {
  /** The option without its dashes. */
  readonly name: string
  /** What stands for its value in the help. */
  readonly value: string
  /** What it does, in the words of `--help` and the README. */
  readonly help: string
}

interface Row<Value> {
  readonly schema: v.GenericSchema<unknown, Value>
  /** What counts while nothing else is chosen. */
  readonly initial: Value
  readonly option?: SettingOption
}

function row<Value>(schema: v.GenericSchema<unknown, Value>, initial: Value): Row<Value>
function row<Value>(
  schema: v.GenericSchema<unknown, Value>,
  initial: Value,
  option: SettingOption,
): Row<Value> & { readonly option: SettingOption }
function row<Value>(schema: v.GenericSchema<unknown, Value>, initial: Value, option?: SettingOption): Row<Value> {
  return { schema, initial, ...(option !== undefined && { option }) }
}

/**
 * What a person can choose, each setting one row. A name never changes its meaning: another meaning takes another name, so that
 * an older and a newer version can use one file.
 */
export const SETTINGS = {
  /** What phones call this computer; '' = what the system calls it. */
  name: row(v.pipe(v.string(), v.maxLength(64)), ''),
  /** Folder where received files land; '' = Lanyard in the downloads folder. */
  inbox: row(v.union([v.literal(''), Folder]), '', {
    name: 'inbox',
    value: 'DIR',
    help: 'where received files land (Lanyard in your downloads folder)',
  }),
  /** Folders for files of a kind; a kind that is not there lands in the inbox. */
  kindFolders: row<Readonly<Partial<Record<string, string>>>>(Folders, {}),
  /** Folders for all files of a phone, by its id; they count before those of a kind. */
  phoneFolders: row<Readonly<Partial<Record<string, string>>>>(Folders, {}),
  /** Whether a phone that joins for the first time has its files taken without a question. */
  autoAcceptNew: row(Switch, true),
  /** Whether texts of a phone that joins for the first time go on the clipboard at once. */
  clipboard: row(Switch, false),

  theme: row(v.picklist(['system', 'light', 'dark']), 'system'),
  language: row(v.picklist(['system', 'en', 'zh-CN']), 'system'),
  notifyArrivals: row(Switch, true),
  notifyTexts: row(Switch, true),
  notifyQuestions: row(Switch, true),
  notifyFailures: row(Switch, true),
  /** A phone is away while files wait for it. */
  notifyWaiting: row(Switch, true),
  /** Whether closing the window leaves the program running in the tray. */
  keepInTray: row(Switch, true),
  /** Whether it was said where the window goes when it is closed: once is enough. */
  toldOfTray: row(Switch, false),
  /** Whether Windows' firewall was looked at, and a person asked about it where need be: once is enough. */
  askedFirewall: row(Switch, false),
  /** The wish; what the system really does is read from the system. */
  startAtLogin: row(Switch, false),
  /** Whether the computer stays awake while files move. */
  keepAwake: row(Switch, true),
  /** Whether newer versions are downloaded without a click. */
  updateQuietly: row(Switch, false),
  /** Whether file managers offer to send files. */
  fileManagers: row(Switch, false),

  /** TCP port of the hub; 0 = any free one. */
  port: row(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(65_535)), HUB_PORT, {
    name: 'port',
    value: 'N',
    help: `TCP port, 0 = any free one (${HUB_PORT})`,
  }),
  /** Which of this computer's addresses goes into the link, when there are several; null = the likeliest. */
  address: row<string | null>(v.nullable(v.union([Ipv4, Ipv6])), null),
  /** Networks beyond this computer's own that phones may come from, such as those of another office. */
  networks: row<readonly string[]>(v.pipe(v.array(NearNetwork), v.maxLength(NETWORKS_MAX)), []),
  /** What becomes of apps that prove nothing. */
  legacy: row(LegacyPolicy, 'ask', {
    name: 'legacy',
    value: 'WHAT',
    help: 'older apps that prove nothing: ask (each time), never or always let them in; without a window, always also takes their files',
  }),
  /** Which way files take. */
  lane: row(LaneWish, 'auto', {
    name: 'lane',
    value: 'WHAT',
    help: 'the way that files take: auto (the faster one), webrtc (always the direct connection) or socket (always through this computer)',
  }),
} as const satisfies Record<string, Row<unknown>>

export type SettingKey = keyof typeof SETTINGS
export type SettingValue<K extends SettingKey> = v.InferOutput<(typeof SETTINGS)[K]['schema']>
/** A value for each setting. */
export type SettingValues = { readonly [K in SettingKey]: SettingValue<K> }

/** Settings that are folders: a person picks those in the system's dialog, and the window never names one. */
export type FolderSetting = Extract<SettingKey, 'inbox' | 'kindFolders' | 'phoneFolders'>

export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[]
