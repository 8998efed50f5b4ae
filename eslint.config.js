import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import ts from 'typescript-eslint'
import { AREAS, importRules } from './scripts/lint/areas.mjs'
import { noCircle } from './scripts/lint/circles.mjs'
import { ownArea } from './scripts/lint/own-area.mjs'
import { ofOxlint } from './scripts/lint/oxlint.mjs'
import { pagesParser } from './scripts/lint/pages-parser.mjs'
import { plainHttpRules } from './scripts/lint/plain-http.mjs'
import svelteConfig from './svelte.config.js'

const TYPESCRIPT = ['**/*.ts', '**/*.svelte']
// All of the rules, with types. In all other files most are oxlint's (.oxlintrc.json), and none here has types.
const COMPONENTS = ['**/*.svelte', 'renderer/**/*.svelte.ts']
const parserOptions = { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] }

export default defineConfig(
  // public/ is served as it is, to browsers: neither typed nor bundled.
  globalIgnores([
    'renderer/phone/public/',
    'out/',
    'release/',
    'messages/compiled/',
    'test-results/',
    '.svelte-check/',
    'playwright-report/',
    '**/*.d.ts',
  ]),
  js.configs.recommended,
  { files: TYPESCRIPT, extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked] },
  svelte.configs.recommended,
  svelte.configs.prettier,
  { files: COMPONENTS, languageOptions: { parserOptions: { ...parserOptions, parser: pagesParser, svelteConfig } } },
  {
    files: ['**/*.svelte.ts'],
    ignores: COMPONENTS,
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  { files: ['renderer/**'], languageOptions: { globals: globals.browser } },
  { files: ['scripts/**', '*.js'], languageOptions: { globals: globals.node } },
  // A test hands functions to a page.
  {
    files: ['tests/**/*.mjs', 'bench/**/*.mjs'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
  {
    name: 'lanyard/style',
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    name: 'lanyard/types',
    files: TYPESCRIPT,
    rules: {
      // `verbatimModuleSyntax` needs it spelled out, and one spelling is enough.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Numbers and booleans in messages are fine.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `() => void start()` is how an event handler starts something.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `[...text]` is how a text is cut without cutting a character.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // process.env['X'] is how an index signature is told from a known name.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    name: 'lanyard/areas',
    plugins: { lanyard: { rules: { 'own-area': ownArea, 'no-circle': noCircle } } },
    rules: { 'lanyard/own-area': 'error' },
  },
  {
    name: 'lanyard/circles',
    files: ['protocol/**', 'transfer/**', 'electron/**', 'renderer/**', 'messages/**'],
    rules: { 'lanyard/no-circle': 'error' },
  },
  ...AREAS.map(importRules),
  plainHttpRules,
  {
    name: 'lanyard/tests',
    files: ['**/*.test.ts', '**/*.test.mjs', '**/testing/**', 'tests/**', 'bench/**'],
    rules: {
      // A test reads top to bottom, and a suite is one function.
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      // A test knows what it has just made.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A fake does nothing, at once, and need not wait for it.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      // Its state is for the test to look at, not for a component to follow.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  ofOxlint(COMPONENTS),
)
