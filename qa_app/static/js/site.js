// Small helps for every page. The page works without them.

// A table wider than its place can be scrolled with the keyboard: then, and only then, its frame takes the focus.
function letWideTablesScroll () {
  for (const frame of document.querySelectorAll('.los-table-frame')) {
    if (frame.scrollWidth <= frame.clientWidth) {
      frame.removeAttribute('tabindex')
      frame.removeAttribute('role')
      frame.removeAttribute('aria-label')
      continue
    }
    const caption = frame.querySelector('caption')
    frame.tabIndex = 0
    frame.setAttribute('role', 'region')
    frame.setAttribute('aria-label', caption ? `${caption.textContent.trim()} (scrolls sideways)` : 'Table')
  }
}

letWideTablesScroll()
window.addEventListener('resize', letWideTablesScroll)
