// The review page saves itself: every change is sent within half a second, kept here until it has arrived, and
// tried again when it has not. Without scripts the page has a save button for each section.

const WAIT_AFTER_TYPING = 400
const LONGEST_UNSAVED = 3000
const PAUSES = [2000, 4000, 8000, 15000]
const page = document.querySelector('[data-review]')
const stateLine = document.getElementById('save-state')
const parts = new Map()
let savedAt = ''

class Part {
  constructor (element) {
    this.element = element
    this.revision = element.dataset.revision
    this.sent = this.typed(true).toString()
    this.timer = null
    this.saving = false
    this.failures = 0
    this.conflict = false
    this.saveId = null
    this.lastBody = null
    this.running = null
    this.since = 0
  }

  // What stands in the fields, or, `asLoaded`, what the page came with: words typed before this script ran must
  // not pass for saved ones.
  typed (asLoaded = false) {
    const typed = new URLSearchParams()
    for (const field of this.element.querySelectorAll('input, textarea, select')) {
      if (!field.name || field.disabled || field.hasAttribute('data-own')) continue
      const isBox = field.type === 'radio' || field.type === 'checkbox'
      if (isBox && !(asLoaded ? field.defaultChecked : field.checked)) continue
      typed.append(field.name, isBox || !asLoaded ? field.value : loadedValue(field))
    }
    return typed
  }

  get waits () {
    return !this.conflict && this.typed().toString() !== this.sent
  }

  changed (wait) {
    clearTimeout(this.timer)
    if (this.conflict) return
    // Somebody who types without a pause is saved all the same, every few seconds.
    this.since ||= Date.now()
    const longest = Math.max(0, LONGEST_UNSAVED - (Date.now() - this.since))
    this.timer = setTimeout(() => this.save(), Math.min(wait, longest))
    if (!this.saving && this.waits && !this.failures) tell('saving', 'Saving')
  }

  save () {
    clearTimeout(this.timer)
    if (this.saving) return this.running
    if (!this.waits) {
      tellWhole()
      return Promise.resolve()
    }
    this.running = this.sendTyped()
    return this.running
  }

  // Everything typed so far has arrived, or cannot just now.
  async settle () {
    while (this.saving || (this.waits && this.failures === 0)) await this.save()
  }

  async sendTyped () {
    const typed = this.typed()
    const body = typed.toString()
    if (body !== this.lastBody) {
      // The same words sent again carry the same mark, so that a lost reply is no conflict with oneself.
      this.saveId = newMark()
      this.lastBody = body
    }
    typed.set('revision', this.revision)
    typed.set('save_id', this.saveId)
    this.saving = true
    this.since = 0
    if (!this.failures) tell('saving', 'Saving')
    const outcome = await send(this.element.dataset.save, typed)
    this.saving = false
    if (outcome.kind === 'saved') {
      this.failures = 0
      this.sent = body
      this.revision = outcome.reply.revision
      this.element.dataset.revision = this.revision
      savedAt = outcome.reply.saved_at
      showReply(this, outcome.reply)
      if (this.waits) this.changed(0)
      tellWhole()
    } else if (outcome.kind === 'conflict') {
      this.conflict = true
      showConflict(this, outcome.reply)
      tell('conflict', 'Not saved: an answer was changed elsewhere. Choose which to keep.')
    } else if (outcome.kind === 'refused') {
      this.sent = body
      showFault(this, outcome.words)
      tell('failed', outcome.words)
    } else {
      this.failures += 1
      tell('failed', outcome.words)
      const pause = PAUSES[Math.min(this.failures, PAUSES.length) - 1]
      this.timer = setTimeout(() => this.save(), pause)
    }
  }
}

function loadedValue (field) {
  if (field.tagName !== 'SELECT') return field.defaultValue
  const options = [...field.options]
  return (options.find(option => option.defaultSelected) || options[0])?.value ?? ''
}

async function send (address, typed, again = true) {
  let reply
  try {
    reply = await fetch(address, {
      method: 'POST',
      body: typed,
      headers: { 'X-CSRFToken': page.dataset.token, Accept: 'application/json' },
      keepalive: typed.toString().length < 50000,
      redirect: 'follow'
    })
  } catch {
    return { kind: 'failed', words: 'Cannot save: no connection. Your words are kept on this page and sent as soon as possible.' }
  }
  const isJson = (reply.headers.get('content-type') || '').includes('application/json')
  if (reply.ok && isJson) return { kind: 'saved', reply: await reply.json() }
  if (reply.status === 409 && isJson) {
    const told = await reply.json()
    return 'theirs' in told ? { kind: 'conflict', reply: told } : { kind: 'failed', words: told.error }
  }
  if ([403, 404, 413, 422].includes(reply.status) && isJson) {
    return { kind: 'refused', words: (await reply.json()).error }
  }
  if (again && (reply.status === 400 || reply.redirected || reply.status === 401)) {
    if (await freshToken()) return send(address, typed, false)
    document.dispatchEvent(new CustomEvent('signed-out'))
    return {
      kind: 'failed',
      words: 'Cannot save: you have been signed out. Your words are kept on this page. Sign in again here or in another tab; saving then goes on.'
    }
  }
  return { kind: 'failed', words: 'Cannot save just now. Your words are kept on this page and sent again in a moment.' }
}

async function freshToken () {
  try {
    const reply = await fetch(window.location.href, { headers: { Accept: 'text/html' } })
    if (!reply.ok) return false
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html').querySelector('[data-review]')
    if (!fresh) return false
    page.dataset.token = fresh.dataset.token
    for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = page.dataset.token
    return true
  } catch {
    return false
  }
}

function newMark () {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

function tell (state, words) {
  if (!stateLine) return
  stateLine.dataset.state = state
  if (stateLine.textContent !== words) stateLine.textContent = words
}

function tellWhole () {
  const all = [...parts.values()]
  if (all.some(part => part.conflict || part.failures > 0)) return
  if (all.some(part => part.saving || part.waits)) tell('saving', 'Saving')
  else if (savedAt) tell('saved', `Saved at ${savedAt}`)
}

function showReply (part, reply) {
  showFault(part, reply.fault || '')
  if (reply.shown) {
    for (const element of page.querySelectorAll('[data-question]')) {
      element.hidden = !reply.shown.includes(element.dataset.question)
    }
  }
  for (const section of reply.sections || []) {
    const entry = document.querySelector(`[data-progress="${section.section}"]`)
    if (!entry) continue
    entry.querySelector('[data-count]').textContent = section.words
    entry.classList.toggle('los-sections__item--complete', section.is_complete)
    entry.hidden = false
  }
  if (reply.hidden_sections) {
    for (const key of reply.hidden_sections) {
      const entry = document.querySelector(`[data-progress="${key}"]`)
      if (entry) entry.hidden = true
    }
  }
  const offer = part.element.querySelector('[data-offer]')
  if (offer) offer.hidden = !reply.offers
  const plain = part.element.querySelector('[data-no-offer]')
  if (plain) plain.hidden = Boolean(reply.offers)
  const revision = part.element.querySelector('input[data-own="revision"]')
  if (revision) revision.value = reply.revision
  if (reply.limits) showLimits(reply.limits)
}

function showLimits (limits) {
  const box = document.getElementById('limits')
  if (!box) return
  box.hidden = limits.ceilings.length === 0
  const list = box.querySelector('ul')
  list.replaceChildren(...limits.ceilings.map(one => {
    const item = document.createElement('li')
    item.textContent = one
    return item
  }))
  const departure = document.getElementById('departure')
  if (departure) departure.hidden = !limits.departs
}

function showFault (part, words) {
  let place = part.element.querySelector('[data-fault]')
  if (!place) return
  place.textContent = words
  place.hidden = !words
}

function showConflict (part, reply) {
  const box = document.createElement('div')
  box.className = 'los-conflict'
  box.setAttribute('role', 'alert')
  const said = [
    ['p', 'Another answer was saved since you opened this page.'],
    ['p', `Saved: ${reply.theirs || 'no answer'}`],
    ['p', `Yours: ${reply.yours || 'no answer'}`]
  ].map(([tag, words]) => {
    const line = document.createElement(tag)
    line.textContent = words
    return line
  })
  const keep = button('Keep mine', () => {
    box.remove()
    part.conflict = false
    part.revision = reply.revision
    part.lastBody = null
    part.save()
  })
  const take = button('Use the saved answer', async () => {
    part.sent = part.typed().toString()
    await Promise.all([...parts.values()].filter(one => one !== part).map(one => one.settle()))
    window.location.reload()
  })
  box.append(...said, keep, ' ', take)
  part.element.append(box)
}

function button (words, act) {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'govuk-button govuk-button--secondary los-button--small'
  made.textContent = words
  made.addEventListener('click', act)
  return made
}

function partOf (target) {
  const element = target.closest('[data-save]')
  return element ? parts.get(element) : undefined
}

function showExcuse (element) {
  // The parts of a conversation that matter depend on whether it took place.
  const leading = [...element.querySelectorAll('fieldset input[type="radio"]:checked')]
    .map(field => field.value).find(value => value === 'yes' || value === 'no')
  for (const part of element.querySelectorAll('[data-part-when]')) part.hidden = part.dataset.partWhen !== leading
  const box = element.querySelector('[data-excuse-reason]')
  if (!box) return
  const chosen = [...element.querySelectorAll('input:checked')].some(field => field.value.startsWith('excuse-'))
  box.hidden = !chosen
}

function start () {
  // On a narrow screen the list of sections and the facts stand above the questions: folded, they leave them room.
  if (window.matchMedia('(max-width: 61.99em)').matches) {
    for (const folded of page.querySelectorAll('details[data-fold]')) folded.open = false
  }
  for (const element of page.querySelectorAll('[data-save]')) {
    parts.set(element, new Part(element))
    showExcuse(element)
    if (parts.get(element).waits) parts.get(element).changed(0)
  }
  page.addEventListener('input', event => {
    const part = partOf(event.target)
    if (!part) return
    const isTyped = event.target.matches('textarea, input[type="text"]')
    if (!isTyped) showExcuse(part.element)
    part.changed(isTyped ? WAIT_AFTER_TYPING : 0)
  })
  page.addEventListener('click', event => {
    const clear = event.target.closest('[data-clear]')
    if (!clear) return
    event.preventDefault()
    const part = partOf(clear)
    for (const field of part.element.querySelectorAll('input[type="radio"]')) field.checked = false
    showExcuse(part.element)
    part.changed(0)
  })
  page.addEventListener('focusout', event => {
    const part = partOf(event.target)
    if (part && part.waits) part.save()
  })
  document.addEventListener('signed-in', () => { for (const part of parts.values()) if (part.waits) part.save() })
  window.addEventListener('online', () => { for (const part of parts.values()) if (part.waits) part.save() })
  window.addEventListener('pagehide', () => { for (const part of parts.values()) if (part.waits) part.save() })
  window.addEventListener('beforeunload', event => {
    const waiting = [...parts.values()].filter(part => part.waits || part.conflict)
    for (const part of waiting) part.save()
    if (waiting.some(part => part.failures > 0 || part.conflict)) event.preventDefault()
  })
  const form = document.getElementById('section-form')
  form?.addEventListener('submit', async event => {
    const next = event.submitter?.dataset.next
    if (!next) return
    event.preventDefault()
    await Promise.all([...parts.values()].map(async part => { await part.save(); await part.settle() }))
    if ([...parts.values()].some(part => part.waits || part.conflict)) return
    window.location.assign(next)
  })
}

if (page) start()
