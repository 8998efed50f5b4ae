// Plain, small and by itself, in the oldest words there are: it is here even when the page's own script is not.
;(function () {
  var TIMES = 5

  // What Svelte takes for granted, and a few browsers lack.
  if (!self.queueMicrotask)
    self.queueMicrotask = function (act) {
      Promise.resolve().then(act)
    }

  // What the html has to say where the page can't run is said at once, not after a while. Nothing of it is left once it runs.
  function say() {
    var stuck = document.getElementById('stuck')
    if (stuck) stuck.className = 'now'
  }

  // How often it was asked for again. Null: the browser does not keep it, and without end is too often.
  function count(value) {
    try {
      if (value === 0) sessionStorage.removeItem('again')
      else if (value !== undefined) sessionStorage.setItem('again', String(value))
      return Number(sessionStorage.getItem('again') || 0)
    } catch (error) {
      return null
    }
  }

  // The script did not come, or not whole: a phone at the edge of its Wi-Fi. Without it nothing is to be seen, so the page is
  // asked for again, five times at most.
  function again() {
    var times = count()
    var counted = times === null ? null : count(times + 1)
    if (counted === null || counted > TIMES) say()
    else
      setTimeout(function () {
        location.reload()
      }, 1000 * counted)
  }

  addEventListener(
    'error',
    function (event) {
      var from = event.target
      // Not of what an extension or another app adds.
      if (from && from.tagName === 'SCRIPT' && from.type === 'module') again()
      // It came, and the browser can't read it or lacks what it begins with.
      else if (from === window) say()
    },
    true,
  )
  addEventListener('load', function () {
    if (!('noModule' in document.createElement('script'))) say()
    // What is still here by then is not about to be loaded again. `load` comes after the script, or after its error.
    setTimeout(function () {
      count(0)
    }, 10000)
  })
})()
