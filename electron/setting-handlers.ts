import type { Inboxes } from '#inbox/inboxes.ts'
import type { Settings } from '#store/settings.ts'
import type { Handlers } from './ipc.ts'
import type { FolderFor } from './window-api.ts'

/** Opens the system's dialog for a folder, at this one; returns null where none was picked. */
export type PickFolder = (at: string) => Promise<string | null>

/** Makes the handlers of the settings' verbs. What a setting does is done by whoever listens to it. */
export function settingHandlers(
  settings: Settings,
  inbox: Pick<Inboxes, 'folder'>,
  pick: PickFolder,
): Pick<Handlers, 'setSetting' | 'pickFolder' | 'resetFolder'> {
  return {
    setSetting: (key, value) => {
      settings.set(key, value)
    },
    pickFolder: async (of) => {
      const folder = await pick(folderOf(settings, of) ?? inbox.folder)
      if (folder !== null) setFolder(settings, of, folder)
    },
    resetFolder: (of) => {
      setFolder(settings, of, undefined)
    },
  }
}

function folderOf({ now }: Settings, of: FolderFor): string | undefined {
  switch (of.of) {
    case 'all':
      return now.inbox === '' ? undefined : now.inbox
    case 'kind':
      return now.kindFolders[of.kind]
    case 'phone':
      return now.phoneFolders[of.deviceId]
  }
}

function setFolder(settings: Settings, of: FolderFor, folder: string | undefined): void {
  const { kindFolders, phoneFolders } = settings.now
  switch (of.of) {
    case 'all':
      settings.set('inbox', folder ?? '')
      return
    case 'kind':
      settings.set('kindFolders', withRule(kindFolders, of.kind, folder))
      return
    case 'phone':
      settings.set('phoneFolders', withRule(phoneFolders, of.deviceId, folder))
  }
}

type Rules = Readonly<Partial<Record<string, string>>>

function withRule(rules: Rules, key: string, folder: string | undefined): Rules {
  const others = Object.entries(rules).filter(([other]) => other !== key)
  return Object.fromEntries(folder === undefined ? others : [...others, [key, folder]])
}
