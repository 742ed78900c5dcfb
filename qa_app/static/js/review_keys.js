// Keys of the review page, for those who review all day. They act only while nobody types, `?` lists them, and they
// can be turned off until one signs out.

const page = document.querySelector('[data-review]')
const KEYS = [
  ['1 to 4', 'Outstanding, Good, Requires improvement, Inadequate: the grade of the section. At a question, its first, second, third choice and so on, up to 9'],
  ['n, p', 'Next question, question before'],
  ['s', 'Next section, after everything is saved'],
  ['u', 'Next question that is not answered'],
  ['g', 'To the grade of this section'],
  ['f', 'Raise a finding from this question'],
  ['a', 'Add an action for this child from this question'],
  ['c', 'Raise an immediate concern from this question'],
  ['?', 'These keys']
]
let here = null
let dialog = null

function isOn () {
  return page.dataset.keys === 'on'
}

function isTyping (target) {
  if (target.closest('textarea, select, [contenteditable], dialog')) return true
  const field = target.closest('input')
  return Boolean(field) && !['radio', 'checkbox', 'button', 'submit'].includes(field.type)
}

function blocks () {
  return [...page.querySelectorAll('.los-question')].filter(block => !block.hidden && block.offsetParent !== null)
}

function current () {
  const focused = document.activeElement?.closest?.('.los-question')
  if (focused) return focused
  if (here && here.isConnected && !here.hidden) return here
  return blocks().find(block => block.getBoundingClientRect().bottom > 80) || null
}

function go (block) {
  if (!block) return
  here?.classList.remove('los-question--here')
  here = block
  block.classList.add('los-question--here')
  const field = block.querySelector('input:checked:not([type="hidden"]), input:not([type="hidden"]), textarea, select')
  // Among choices a key chooses, so the focus goes there; in a text a key types, so the focus goes to the block.
  if (field && ['radio', 'checkbox'].includes(field.type)) {
    field.focus({ preventScroll: true })
  } else {
    block.tabIndex = -1
    block.focus({ preventScroll: true })
  }
  block.scrollIntoView({ block: 'center' })
}

function step (by) {
  const all = blocks()
  const at = all.indexOf(current())
  const started = Boolean(here) || Boolean(document.activeElement?.closest?.('.los-question'))
  go(started ? all[Math.min(Math.max(at + by, 0), all.length - 1)] : all[Math.max(at, 0)])
}

function nextOpen () {
  const all = blocks()
  const at = all.indexOf(current())
  const isOpen = block => !block.querySelector('input:checked') &&
    ![...block.querySelectorAll('textarea, input[type="text"]')].some(field => field.value.trim())
  go([...all.slice(at + 1), ...all.slice(0, at + 1)].find(isOpen))
}

function choose (number) {
  const block = current()
  if (!block) return
  const all = [...block.querySelectorAll('input[type="radio"], input[type="checkbox"]')].filter(field => field.offsetParent !== null)
  const first = all.filter(field => field.name === all[0].name)
  const field = first[number - 1]
  if (!field || (block.classList.contains('los-question--judgement') && number > 4)) return
  go(block)
  field.focus({ preventScroll: true })
  field.click()
}

function follow (selector) {
  const link = [...(current() || page).querySelectorAll(selector)].find(one => !one.hidden && one.offsetParent !== null)
  link?.click()
}

function show () {
  if (!dialog) dialog = build()
  dialog.querySelector('[data-switch]').textContent = isOn() ? 'Turn these keys off' : 'Turn these keys on'
  dialog.showModal()
}

function build () {
  const made = document.createElement('dialog')
  made.className = 'los-dialog'
  made.setAttribute('aria-labelledby', 'keys-heading')
  const heading = document.createElement('h2')
  heading.className = 'govuk-heading-m'
  heading.id = 'keys-heading'
  heading.textContent = 'Keys on this page'
  const list = document.createElement('dl')
  list.className = 'los-keys'
  for (const [key, what] of KEYS) {
    const name = document.createElement('dt')
    name.textContent = key
    const words = document.createElement('dd')
    words.textContent = what
    list.append(name, words)
  }
  const note = document.createElement('p')
  note.className = 'govuk-body'
  note.textContent = 'They do nothing while you type.'
  const turn = button('Turn these keys off', switchKeys)
  turn.dataset.switch = ''
  const close = button('Close', () => made.close())
  made.append(heading, list, note, close, ' ', turn)
  document.body.append(made)
  return made
}

function button (words, act) {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'govuk-button govuk-button--secondary los-button--small'
  made.textContent = words
  made.addEventListener('click', act)
  return made
}

async function switchKeys () {
  const to = isOn() ? 'off' : 'on'
  page.dataset.keys = to
  dialog.close()
  try {
    await fetch(page.dataset.switchKeys, {
      method: 'POST',
      body: new URLSearchParams({ keys: to }),
      headers: { 'X-CSRFToken': page.dataset.token, Accept: 'application/json' }
    })
  } catch { /* it holds on this page; the next page asks the server again */ }
}

const ACTS = {
  n: () => step(1),
  p: () => step(-1),
  u: nextOpen,
  g: () => go(page.querySelector('.los-question--judgement')),
  s: () => page.querySelector('button[data-next]')?.click(),
  f: () => follow('a[href*="/findings/new"]'),
  a: () => follow('a[href*="/case-actions/new"]'),
  c: () => follow('a[href*="/concerns/new"]')
}

function start () {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return
    if (document.querySelector('dialog[open]')) return
    if (event.key === '?') {
      event.preventDefault()
      show()
      return
    }
    if (!isOn()) return
    const key = event.key.toLowerCase()
    if (/^[1-9]$/.test(key)) {
      event.preventDefault()
      choose(Number(key))
    } else if (key in ACTS && !event.shiftKey) {
      event.preventDefault()
      ACTS[key]()
    }
  })
  page.querySelector('[data-show-keys]')?.addEventListener('click', show)
  page.addEventListener('focusin', event => {
    const block = event.target.closest('.los-question')
    if (block && block !== here) {
      here?.classList.remove('los-question--here')
      here = block
    }
  })
}

if (page) start()
