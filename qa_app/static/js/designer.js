// The form designer: previews what stands in the boxes, keeps what was typed when it cannot be saved, and tells when
// somebody else has changed the draft. Everything works without scripts; this only spares steps.

const WAIT = 500
const SAVED = 'los-designer-saved'
let form = null
let many = []
let loaded = new Map()
let leaving = false
let timer = null
let running = null

function typedOf (each) {
  return new URLSearchParams(new FormData(each)).toString()
}

function isChanged () {
  return many.some(each => loaded.get(each) !== typedOf(each))
}

function tell (words) {
  const place = document.getElementById('unsent')
  if (place) place.textContent = words
}

// What an auditor would see of the boxes as they stand.

async function preview () {
  const place = document.getElementById('preview')
  if (!form || !place) return
  running?.abort()
  running = new AbortController()
  const typed = new URLSearchParams(new FormData(form))
  typed.set('do', 'preview')
  try {
    const reply = await fetch(form.action, { method: 'POST', body: typed, signal: running.signal, headers: { Accept: 'text/html' } })
    if (reply.status !== 200 && reply.status !== 422) return
    const page = new DOMParser().parseFromString(await reply.text(), 'text/html')
    const fresh = page.getElementById('preview')
    if (fresh) {
      place.replaceChildren(...fresh.childNodes)
      quieten(place)
    }
    const faults = page.getElementById('all-faults')
    const shown = document.getElementById('all-faults')
    if (faults && shown) {
      faults.open = shown.open
      shown.replaceWith(faults)
    }
  } catch {
    // The preview is a help: it stays as it was, and the next change tries again.
  }
}

function changed () {
  showParts()
  tell(isChanged() ? 'Not saved yet' : '')
  clearTimeout(timer)
  timer = setTimeout(preview, WAIT)
}

// Parts of a panel that matter only for some answers.

function showParts () {
  if (!form) return
  const type = form.querySelector('[name="type"]')
  const choices = form.querySelector('[data-part="choices"]')
  if (type && choices) choices.hidden = !['choice', 'choices'].includes(type.value)
  const graded = form.querySelector('[data-shows="descriptors"]')
  const descriptors = form.querySelector('[data-part="descriptors"]')
  if (graded && descriptors) descriptors.hidden = !graded.checked
}

// Rows of choices.

function renumber (list) {
  list.querySelectorAll('[data-row]').forEach((row, n) => {
    for (const each of row.querySelectorAll('[name^="choice-"], [id^="choice-"]')) {
      if (each.name) each.name = each.name.replace(/^choice-\d+/, `choice-${n}`)
      if (each.id) each.id = each.id.replace(/^choice-\d+/, `choice-${n}`)
    }
    for (const label of row.querySelectorAll('label')) label.htmlFor = label.htmlFor.replace(/^choice-\d+/, `choice-${n}`)
    for (const words of row.querySelectorAll('.govuk-visually-hidden')) words.textContent = words.textContent.replace(/\d+$/, n + 1)
    for (const button of row.querySelectorAll('button[name="do"]')) button.value = button.value.replace(/-\d+$/, `-${n}`)
  })
}

function arrangeRow (button) {
  const list = form.querySelector('[data-rows]')
  const row = button.closest('[data-row]')
  if (button.hasAttribute('data-row-more')) {
    const twin = list.querySelector('[data-row]:last-child').cloneNode(true)
    twin.querySelector('input[type="hidden"]').value = ''
    twin.querySelector('.govuk-input').value = ''
    twin.querySelector('input[type="checkbox"]').checked = false
    if (!twin.querySelector('[data-row-drop]')) return false
    list.append(twin)
    renumber(list)
    twin.querySelector('.govuk-input').focus()
  } else if (button.hasAttribute('data-row-up') && row.previousElementSibling) {
    row.previousElementSibling.before(row)
    renumber(list)
    button.focus()
  } else if (button.hasAttribute('data-row-down') && row.nextElementSibling) {
    row.nextElementSibling.after(row)
    renumber(list)
    button.focus()
  } else if (button.hasAttribute('data-row-drop')) {
    const next = row.nextElementSibling || row.previousElementSibling
    if (!next) return false
    row.remove()
    renumber(list)
    next.querySelector('.govuk-input').focus()
  }
  return true
}

// Saving: by the page's own form, but so that nothing typed is lost when there is no connection or no sign-in.

async function save (each, button) {
  const typed = new URLSearchParams(new FormData(each, button))
  let reply
  try {
    reply = await fetch(each.action, { method: 'POST', body: typed, headers: { Accept: 'text/html' }, redirect: 'follow' })
  } catch {
    return keep('Not saved: no connection. Your words are kept on this page; save again in a moment.')
  }
  if (reply.status === 401 || reply.status === 400 || (reply.redirected && new URL(reply.url).pathname.endsWith('/sign-in'))) {
    if (await freshToken()) return save(each, button)
    return keep('Not saved: you have been signed out. Your words are kept on this page. Sign in again in another tab, then save here.')
  }
  if (reply.ok && reply.redirected) {
    leaving = true
    window.sessionStorage.setItem(SAVED, new URL(reply.url).pathname)
    if (samePage(reply.url)) window.location.reload()
    else window.location.assign(reply.url)
    return
  }
  if (![200, 409, 422].includes(reply.status)) return keep('Not saved just now. Your words are kept on this page; save again in a moment.')
  const page = new DOMParser().parseFromString(await reply.text(), 'text/html')
  const main = page.querySelector('main')
  if (!page.getElementById('panel') || !main) return keep('Not saved: this part or the draft has been closed or taken away meanwhile. Your words are kept on this page, to copy.')
  document.title = page.title
  document.querySelector('main').replaceWith(main)
  start()
  const told = document.querySelector('#conflict, .govuk-error-summary, .los-unsaved')
  told?.setAttribute('tabindex', '-1')
  told?.focus()
  told?.scrollIntoView({ block: 'center' })
}

function samePage (address) {
  const [there, here] = [new URL(address), new URL(window.location.href)]
  return there.pathname === here.pathname && there.search === here.search
}

function keep (words) {
  tell(words)
  const place = document.getElementById('presence')
  if (place && !document.getElementById('unsent')) place.textContent = words
}

let tokenAsked = 0

async function freshToken () {
  if (Date.now() - tokenAsked < 5000) return false
  tokenAsked = Date.now()
  try {
    const reply = await fetch(window.location.href, { headers: { Accept: 'text/html' } })
    if (!reply.ok || reply.redirected) return false
    const page = new DOMParser().parseFromString(await reply.text(), 'text/html')
    const token = page.querySelector('#panel input[name="csrf_token"], .los-designer input[name="csrf_token"]')?.value
    if (!token) return false
    for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token
    return true
  } catch {
    return false
  }
}

// Two people at one draft: told as soon as this page is looked at again.

async function look () {
  const place = document.getElementById('presence')
  if (!place || leaving) return
  try {
    const reply = await fetch(place.dataset.state, { headers: { Accept: 'application/json' } })
    if (!reply.ok) return
    const told = await reply.json()
    if (String(told.revision) === place.dataset.revision && told.is_open) return
    place.textContent = told.is_open
      ? `Changed since you opened this page. ${told.words}. Load the page again to see it; what you type can still be saved.`
      : 'This draft has been closed since you opened this page.'
    place.classList.add('los-presence--news')
  } catch {
    // Looked at again next time.
  }
}

// The preview: what the review page's own script hides.

function quieten (place) {
  for (const part of place.querySelectorAll('[data-question], [id^="question-"]')) showPreviewed(part)
  for (const again of place.querySelectorAll('[data-clear]')) again.hidden = true
}

function showPreviewed (question) {
  const chosen = [...question.querySelectorAll('input:checked')].map(field => field.value)
  const leading = chosen.find(value => value === 'yes' || value === 'no')
  for (const part of question.querySelectorAll('[data-part-when]')) part.hidden = part.dataset.partWhen !== leading
  const reason = question.querySelector('[data-excuse-reason]')
  if (reason) reason.hidden = !chosen.some(value => value.startsWith('excuse-'))
}

// A comparison with "is answered" needs no answer to compare with.

function showValues () {
  const comparison = document.querySelector('[data-comparison]')
  const values = document.querySelector('[data-values]')
  if (comparison && values) values.hidden = ['answered', 'not_answered'].includes(comparison.value)
}

// Dragging a question in the outline: the buttons do the same by keyboard.

function letQuestionsBeDragged () {
  let dragged = null
  for (const item of document.querySelectorAll('.los-outline__inner [data-question]')) {
    item.draggable = true
    item.addEventListener('dragstart', event => {
      dragged = item
      event.dataTransfer.effectAllowed = 'move'
    })
  }
  for (const target of document.querySelectorAll('.los-outline [data-section], .los-outline__inner [data-question]')) {
    target.addEventListener('dragover', event => {
      if (!dragged || target === dragged) return
      event.preventDefault()
      event.stopPropagation()
      target.classList.add('los-outline__item--over')
    })
    target.addEventListener('dragleave', () => target.classList.remove('los-outline__item--over'))
    target.addEventListener('drop', event => {
      if (!dragged || target === dragged) return
      event.preventDefault()
      event.stopPropagation()
      const holder = target.closest('[data-section]')
      const others = [...holder.querySelectorAll('[data-question]')].filter(one => one !== dragged)
      const position = target.dataset.question ? others.indexOf(target) : others.length
      if (isChanged() && !window.confirm('What you typed is not saved. Move the question all the same?')) return
      place(dragged.dataset.question, holder.dataset.section, target.dataset.question || others.length ? position : '')
    })
  }

  function place (key, section, position) {
    const sent = document.createElement('form')
    sent.method = 'post'
    sent.action = document.querySelector('.los-designer').dataset.arrange
    const token = document.querySelector('input[name="csrf_token"]').value
    const fields = { csrf_token: token, kind: 'question', key, do: 'to', section, position }
    for (const [name, value] of Object.entries(fields)) {
      const field = document.createElement('input')
      field.type = 'hidden'
      field.name = name
      field.value = value
      sent.append(field)
    }
    document.body.append(sent)
    leaving = true
    sent.submit()
  }
}

// After a save the page is loaded afresh: the keyboard goes on where it was, and the page says that it is saved.

function goOn () {
  if (window.sessionStorage.getItem(SAVED) !== window.location.pathname) return
  window.sessionStorage.removeItem(SAVED)
  tell('Saved')
  form?.querySelector('.los-save-bar button')?.focus({ preventScroll: true })
}

// Called for the page as it was loaded, and again when a refused save has put a new one in its place.

function start () {
  many = [...document.querySelectorAll('form[data-panel]')]
  form = many.length === 1 ? many[0] : null
  const isUnsaved = document.querySelector('.los-unsaved, #conflict') !== null
  loaded = new Map(many.map(each => [each, isUnsaved ? '' : typedOf(each)]))
  showParts()
  showValues()
  for (const place of document.querySelectorAll('.los-preview')) {
    quieten(place)
    place.addEventListener('input', event => {
      const question = event.target.closest('[data-question], [id^="question-"]')
      if (question) showPreviewed(question)
    })
  }
  const button = form?.querySelector('[data-preview]')
  if (button) button.hidden = true
  for (const each of many) {
    each.addEventListener('input', changed)
    each.addEventListener('change', changed)
    each.addEventListener('submit', event => {
      const button = event.submitter
      event.preventDefault()
      if (button && ['data-row-up', 'data-row-down', 'data-row-drop', 'data-row-more'].some(name => button.hasAttribute(name))) {
        if (arrangeRow(button)) return changed()
      }
      save(each, button)
    })
  }
  document.querySelector('[data-comparison]')?.addEventListener('change', showValues)
  for (const each of document.querySelectorAll('form[data-send] select')) {
    each.addEventListener('change', () => each.form.requestSubmit())
  }
  letQuestionsBeDragged()
  document.querySelector('.los-outline__item--current')?.scrollIntoView({ block: 'nearest' })
}

window.addEventListener('beforeunload', event => { if (!leaving && isChanged()) event.preventDefault() })
document.addEventListener('visibilitychange', () => { if (!document.hidden) look() })
window.addEventListener('focus', look)
start()
goOn()
