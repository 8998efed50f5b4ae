import type { MenuItemConstructorOptions } from 'electron'
import { m } from '#messages'

/** What the menu's own entries do. */
export interface MenuActions {
  readonly openSettings: () => void
  readonly openInbox: () => void
}

type Role = NonNullable<MenuItemConstructorOptions['role']>
const item = (role: Role, label: string): MenuItemConstructorOptions => ({ role, label })
const line: MenuItemConstructorOptions = { type: 'separator' }

/**
 * Returns the menu bar of macOS in the language that is spoken. Its Edit menu is what makes Cmd+C and the like work there;
 * zooming is the window's own (window-place.ts), and other systems have no menu bar.
 */
export function macMenu({ openSettings, openInbox }: MenuActions): MenuItemConstructorOptions[] {
  return [
    { label: m.app_name(), submenu: appMenu(openSettings) },
    {
      label: m.menu_file(),
      submenu: [
        { label: m.menu_open_folder(), accelerator: 'Cmd+Shift+O', click: openInbox },
        line,
        item('close', m.menu_close()),
      ],
    },
    { label: m.menu_edit(), submenu: editMenu() },
    {
      label: m.menu_window(),
      role: 'window',
      submenu: [
        item('minimize', m.menu_minimize()),
        item('zoom', m.menu_zoom()),
        item('togglefullscreen', m.menu_full_screen()),
        line,
        item('front', m.menu_front()),
      ],
    },
  ]
}

const appMenu = (openSettings: () => void): MenuItemConstructorOptions[] => [
  item('about', m.menu_about()),
  line,
  { label: m.menu_settings(), accelerator: 'Cmd+,', click: openSettings },
  line,
  item('services', m.menu_services()),
  line,
  item('hide', m.menu_hide()),
  item('hideOthers', m.menu_hide_others()),
  item('unhide', m.menu_show_all()),
  line,
  item('quit', m.menu_quit()),
]

const editMenu = (): MenuItemConstructorOptions[] => [
  item('undo', m.menu_undo()),
  item('redo', m.menu_redo()),
  line,
  item('cut', m.menu_cut()),
  item('copy', m.menu_copy()),
  item('paste', m.menu_paste()),
  item('selectAll', m.menu_select_all()),
]
