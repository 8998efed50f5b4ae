/** `2026-11-25 14.03.07` of local time: for names of files, which sort by it. */
export function stamp(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `${date} ${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('.')}`
}
