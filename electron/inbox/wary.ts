/**
 * Files that a system acts on when it only shows their folder or plugs in their disk: they draw icons from elsewhere, start
 * programs, or say what a folder is. A person should say yes to each, also where files are taken without asking.
 */
const NAMES = new Set(['desktop.ini', 'autorun.inf'])
const EXTENSIONS =
  /\.(?:lnk|url|scf|library-ms|search-ms|searchconnector-ms|settingcontent-ms|desktop|inetloc|fileloc|webloc|theme|themepack|appref-ms|application)$/u

/** `name` as it would land. */
export function needsClick(name: string): boolean {
  const lower = name.normalize('NFKC').toLowerCase()
  return NAMES.has(lower) || EXTENSIONS.test(lower)
}
