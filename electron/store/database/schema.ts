/** 'Lnyd' as a number: the file is ours. */
export const APPLICATION_ID = 0x4c6e7964

/** Punctuation of ASCII, which is part of a gram like any letter. All that is not ASCII is anyway. */
const PUNCTUATION = String.raw`!"#$%&'()*+,-./:;<=>?@[\]^_${'`'}{|}~`

const quoted = (text: string, quote: string): string => quote + text.replaceAll(quote, quote + quote) + quote
const TOKENIZER = quoted(`ascii tokenchars ${quoted(PUNCTUATION, "'")}`, '"')

/**
 * The steps from an empty file to the newest version. The version of a file is the number of steps it has taken, so a step
 * that was once released never changes. Columns that are long stand last: what only looks at the first reads no further.
 *
 * records.state: 0 = shown, 1 = deleted here, 2 = deleted by the phone (decides when older pages come again).
 * records.folded: what a search looks at, where it is not just the title and the text in lower case.
 */
export const STEPS: readonly string[] = [
  `
  CREATE TABLE devices (
    number INTEGER PRIMARY KEY,
    device TEXT NOT NULL UNIQUE,
    cursor TEXT NOT NULL,
    generation INTEGER NOT NULL,
    sweeping INTEGER NOT NULL
  );
  CREATE TABLE records (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    device INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    state INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    size INTEGER,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    mime TEXT,
    title TEXT NOT NULL,
    text TEXT,
    folded TEXT,
    thumbnail TEXT
  );
  CREATE UNIQUE INDEX records_id ON records (device, id);
  CREATE INDEX records_kind ON records (device, kind) WHERE state = 0;
  CREATE INDEX records_modified ON records (modified) WHERE state = 0;
  CREATE INDEX records_title ON records (title COLLATE NOCASE) WHERE state = 0;
  CREATE INDEX records_size ON records (size) WHERE state = 0;
  CREATE INDEX records_gone ON records (device, modified) WHERE state = 2;
  CREATE VIRTUAL TABLE search USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = ${TOKENIZER}
  );
  CREATE TABLE history (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    device TEXT NOT NULL,
    device_name TEXT NOT NULL,
    direction TEXT NOT NULL,
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    lane TEXT,
    ms INTEGER,
    result TEXT NOT NULL,
    reason TEXT,
    path TEXT,
    sha256 TEXT,
    folded TEXT NOT NULL,
    text TEXT
  );
  `,
]
