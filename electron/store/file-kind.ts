import * as v from 'valibot'

/** What a file is, for the folder that it lands in. */
export const FileKind = v.picklist(['pictures', 'videos', 'other'])
export type FileKind = v.InferOutput<typeof FileKind>
