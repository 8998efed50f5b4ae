// The page's script did not come, or not whole: a phone at the edge of its Wi-Fi. Without it nothing is to be seen, so the
// page is asked for again, five times at most. Plain, small and by itself: it is here even when the other is not.
addEventListener(
  'error',
  ({ target }) => {
    // Not of what an extension or another app adds.
    if (!(target instanceof HTMLScriptElement) || target.type !== 'module') return
    const times = Number(sessionStorage.again ?? 0)
    sessionStorage.again = times + 1
    if (times < 5) setTimeout(() => location.reload(), 1000 * (times + 1))
  },
  true,
)
// What is still here by then is not about to be loaded again. `load` comes after the script, or after its error.
addEventListener('load', () => setTimeout(() => sessionStorage.removeItem('again'), 10_000))
