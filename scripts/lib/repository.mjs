/**
 * Returns where a release lives, which LANYARD_REPOSITORY says as owner/name. Nothing in the repository knows it, so that
 * nobody's account is invented. Throws where it is not set.
 * @returns {{ owner: string, repo: string }}
 */
export function releaseRepository() {
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(process.env['LANYARD_REPOSITORY'] ?? '') ?? []
  if (owner === undefined || repo === undefined)
    throw new Error('a release needs LANYARD_REPOSITORY=owner/name, for its homepage and its updates')
  return { owner, repo }
}
