// The phone's page comes over plain http and so is not a secure context: these do not exist there, while every
// developer's 127.0.0.1 has them. Code that may run on that page must not name them.

const PROPERTIES = [
  ['crypto', 'subtle'],
  ['crypto', 'randomUUID'],
  ['navigator', 'clipboard'],
  ['navigator', 'serviceWorker'],
  ['navigator', 'wakeLock'],
  ['navigator', 'storage'],
  ['navigator', 'share'],
]
// Also by any other path to the object, such as `globalThis.crypto` or a variable.
const ANYWHERE = 'subtle|randomUUID|serviceWorker|wakeLock|showSaveFilePicker|showOpenFilePicker|showDirectoryPicker'
const GLOBALS = ['showSaveFilePicker', 'showOpenFilePicker', 'showDirectoryPicker', 'Notification', 'caches']

const message = 'The phone page is plain http, where this does not exist.'

/** @type {import('eslint').Linter.Config} */
export const plainHttpRules = {
  name: 'lanyard/plain-http',
  files: ['protocol/**', 'transfer/**', 'renderer/phone/**', 'renderer/peer/**'],
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-properties': ['error', ...PROPERTIES.map(([object, property]) => ({ object, property, message }))],
    'no-restricted-globals': ['error', ...GLOBALS.map((name) => ({ name, message }))],
    'no-restricted-syntax': ['error', { selector: `MemberExpression[property.name=/^(${ANYWHERE})$/]`, message }],
  },
}
