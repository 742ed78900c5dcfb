// The sign-in has ended while somebody works on a page: they sign in again where they are, and lose nothing. Every
// step of signing in is the site's own page, shown in a dialog; what cannot be shown so is opened in another tab.

const STEPS = ['/sign-in']
let dialog = null
let asked = false

document.addEventListener('signed-out', () => { if (!asked) ask() })

async function ask () {
  asked = true
  let reply
  try {
    reply = await fetch('/sign-in', { headers: { Accept: 'text/html' } })
  } catch {
    asked = false
    return
  }
  if (!await take(reply)) asked = false
}

// Shows the step of signing in that came back, or ends when there is none any more. Gives whether it could.
async function take (reply) {
  const path = new URL(reply.url).pathname
  if (!STEPS.some(step => path.startsWith(step))) {
    done()
    return true
  }
  const came = new DOMParser().parseFromString(await reply.text(), 'text/html')
  const form = [...came.querySelectorAll('main form')].find(one => one.querySelector('input[type="password"], input[name="code"]'))
  show(form, came.querySelector('.govuk-error-summary'), came.querySelector('h1')?.textContent || 'Sign in', reply.url)
  return true
}

function show (form, summary, title, address) {
  if (!dialog) {
    dialog = document.createElement('dialog')
    dialog.className = 'los-dialog'
    dialog.setAttribute('aria-labelledby', 'sign-in-here-heading')
    dialog.addEventListener('close', () => { asked = false })
    document.body.append(dialog)
  }
  const heading = document.createElement('h2')
  heading.className = 'govuk-heading-m'
  heading.id = 'sign-in-here-heading'
  heading.textContent = form ? title.trim() : 'Sign in'
  const words = document.createElement('p')
  words.className = 'govuk-body'
  words.textContent = 'You have been signed out. Your words are kept on this page: sign in, and they are saved.'
  const another = document.createElement('a')
  another.className = 'govuk-link'
  another.href = '/sign-in'
  another.target = '_blank'
  another.rel = 'noopener'
  another.textContent = 'Sign in another way (opens in another tab); saving then goes on here'
  const parts = [heading, words]
  if (summary) parts.push(summary)
  if (form) {
    form.addEventListener('submit', event => send(event, form, address))
    parts.push(form)
  }
  parts.push(another)
  dialog.replaceChildren(...parts)
  if (!dialog.open) dialog.showModal()
  dialog.querySelector('input:not([type="hidden"])')?.focus()
}

async function send (event, form, address) {
  event.preventDefault()
  const target = new URL(form.getAttribute('action') || address, window.location.origin)
  const sent = new URLSearchParams(new FormData(form))
  try {
    await take(await fetch(target, { method: 'POST', body: sent, headers: { Accept: 'text/html' } }))
  } catch {
    const line = document.createElement('p')
    line.className = 'govuk-error-message'
    line.setAttribute('role', 'alert')
    line.textContent = 'No connection. Try again in a moment.'
    form.before(line)
  }
}

function done () {
  asked = false
  dialog?.close()
  dialog?.replaceChildren()
  document.dispatchEvent(new CustomEvent('signed-in'))
}
