/** What the window shows besides what asks or has just come. */
export type View = 'phones' | 'records' | 'history'
