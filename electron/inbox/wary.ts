import type { SafePath } from './safe-path.ts'

/**
 * Files that a system acts on when it only shows their folder or plugs in their disk: they draw icons from elsewhere, start
 * programs, hide their own ending, or say what a folder is. A person should say yes to each, also where files are taken
 * without asking. A program, a disk image or a document with macros is none of them: it does nothing before it is opened, and
 * the system asks then, for all that lands is marked as coming from elsewhere.
 */
const NAMES = new Set(['desktop.ini', 'autorun.inf', 'autorun', 'autorun.sh', 'autorun.exe', 'autoopen'])
const EXTENSIONS =
  /\.(?:lnk|url|website|pif|scf|shb|shs|xnk|desklink|mapimail|mydocs|zfsendtotarget|appimage|library-ms|search-ms|searchconnector-ms|settingcontent-ms|desktop|kdelnk|(?:inet|file|web|mail|ftp|afp|news|at|vnc)loc|theme|themepack|deskthemepack|appref-ms|application)$/u
/** A folder that a Mac shows as one thing, and learns of as soon as it lies there: a program, or a part of one. */
const BUNDLE = /\.(?:app|appex|prefpane|qlgenerator|mdimporter|saver|workflow|osax|wdgt|kext|plugin|bundle)$/u
/** Windows shows a name that ends in the number of a class as what that class is: a folder that is a program's. */
const CLASS = /\.\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/u

/** Bytes beside the file's own on NTFS, and what the name of its own stream becomes when its colons are replaced. */
const STREAM = /[:_]{1,2}\$(?:data|index_allocation)$/u
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu

/** Whether it may only land with a click, judged by where it will land: `safePath` of what was offered. */
export const needsClick = ({ folders, name }: SafePath): boolean =>
  [...folders, name].some(isWary) || folders.some((folder) => BUNDLE.test(asTaken(folder)))

function isWary(component: string): boolean {
  const plain = asTaken(component)
  return NAMES.has(plain) || EXTENSIONS.test(plain) || CLASS.test(plain)
}

/**
 * The name as the most generous system takes it: wide and small forms, letters of either case, and what nobody sees are the
 * same, dots and blanks at its ends are not there. More is asked about than any one system would act on.
 */
function asTaken(name: string): string {
  const folded = name.normalize('NFKC').replace(UNSEEN, '').toLowerCase().toUpperCase().toLowerCase()
  return trim(trim(folded).replace(STREAM, ''))
}

const trim = (text: string): string => text.replace(/^[.\s]+/u, '').replace(/[.\s]+$/u, '')
