// A finding can be raised without leaving the review: the finding form opens over it, the review stays as it was.
// Without scripts, or when anything goes wrong, the link leads to the same form on a page of its own.

const dialog = document.createElement('dialog')
dialog.className = 'los-dialog'
dialog.setAttribute('aria-labelledby', 'dialog-heading')
let opener = null
const kept = new Map() // words of a form that was closed unsaved, by the link that opened it

document.addEventListener('click', event => {
  const link = event.target.closest('a[href*="/findings/new"]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  open(link)
})

async function open (link) {
  if (kept.has(link.href)) {
    opener = link
    dialog.replaceChildren(...kept.get(link.href))
    dialog.showModal()
    return
  }
  let page
  try {
    const reply = await fetch(link.href, { headers: { Accept: 'text/html' } })
    if (!reply.ok || reply.redirected) throw new Error('not the form')
    page = new DOMParser().parseFromString(await reply.text(), 'text/html')
  } catch {
    window.location.assign(link.href)
    return
  }
  opener = link
  if (!show(page)) window.location.assign(link.href)
}

function show (page, fault = '') {
  const form = page.querySelector('[data-finding-form]')
  if (!form) return false
  const heading = document.createElement('h2')
  heading.className = 'govuk-heading-m'
  heading.id = 'dialog-heading'
  heading.tabIndex = -1
  heading.textContent = 'Raise a finding'
  const parts = [heading]
  const summary = page.querySelector('.govuk-error-summary')
  if (summary) parts.push(summary)
  if (fault) parts.push(words(fault))
  const context = page.querySelector('[data-finding-context]')
  if (context) parts.push(context)
  parts.push(form)
  dialog.replaceChildren(...parts)
  if (!dialog.isConnected) document.body.append(dialog)
  if (!dialog.open) dialog.showModal()
  ;(summary || heading).tabIndex = -1
  ;(summary || heading).focus()
  dialog.scrollTop = 0
  return true
}

function words (text) {
  const line = document.createElement('p')
  line.className = 'govuk-error-message'
  line.setAttribute('role', 'alert')
  line.textContent = text
  return line
}

dialog.addEventListener('click', event => {
  if (event.target.closest('[data-close]')) {
    event.preventDefault()
    dialog.close()
  }
})

// Escape and "Back" close the form, they never throw words away: the same link brings them back.
dialog.addEventListener('close', () => {
  if (opener && hasWords()) kept.set(opener.href, [...dialog.childNodes])
  else if (opener) kept.delete(opener.href)
  if (!opener || !opener.isConnected) return
  // A save that came meanwhile may have put the other of the two links in its place.
  const links = [opener, ...(opener.parentElement?.querySelectorAll('a[href*="/findings/new"]') || [])]
  links.find(link => !link.hidden)?.focus()
})

dialog.addEventListener('submit', async event => {
  const form = event.target.closest('[data-finding-form]')
  if (!form) return
  event.preventDefault()
  const button = form.querySelector('button')
  if (button) button.disabled = true
  const sent = new URLSearchParams(new FormData(form))
  try {
    const reply = await fetch(form.action, { method: 'POST', body: sent, headers: { Accept: 'application/json, text/html;q=0.9' } })
    const type = reply.headers.get('content-type') || ''
    if (reply.status === 201 && type.includes('application/json')) {
      tellRaised(await reply.json())
      if (opener) kept.delete(opener.href)
      dialog.replaceChildren()
      dialog.close()
      return
    }
    if (reply.status === 422 && type.includes('text/html')) {
      show(new DOMParser().parseFromString(await reply.text(), 'text/html'))
      return
    }
    fail(form, button, 'Not saved. Your words are still here; try again in a moment.')
  } catch {
    fail(form, button, 'Not saved: no connection. Your words are still here; try again when the connection is back.')
  }
})

function hasWords () {
  return [...dialog.querySelectorAll('textarea')].some(box => box.value.trim())
}

window.addEventListener('beforeunload', event => {
  if (kept.size || (dialog.open && hasWords())) event.preventDefault()
})

function fail (form, button, text) {
  if (button) button.disabled = false
  form.querySelector('[role="alert"]')?.remove()
  const line = words(text)
  form.prepend(line)
  line.scrollIntoView({ block: 'nearest' })
}

// The new finding appears under its question, as it will when the page is next opened.
function tellRaised (finding) {
  const place = (finding.question && document.getElementById(`question-${finding.question}`)) ||
    document.querySelector('[data-file-findings]')
  if (!place) {
    window.location.reload()
    return
  }
  let list = place.querySelector('.los-question__findings')
  if (!list) {
    list = document.createElement('ul')
    list.className = 'los-question__findings'
    place.append(list)
  }
  const item = document.createElement('li')
  const tag = document.createElement('strong')
  tag.className = `los-tag los-tag--${finding.kind}`
  tag.textContent = finding.kind_label
  const link = document.createElement('a')
  link.className = 'govuk-link los-reference'
  link.href = finding.href
  link.textContent = finding.ref
  item.append(tag, ' ', link, ' ', finding.words)
  list.append(item)
  const status = document.getElementById('save-state')
  if (status) status.textContent = `Finding ${finding.ref} saved`
}
