// Runs before the page is drawn, so that parts meant for scripts never flash up. No inline code: our policy forbids it.
(function () {
  const own = document.currentScript
  document.body.classList.add('js-enabled')
  if (own && own.dataset.govuk === 'yes' && 'noModule' in HTMLScriptElement.prototype) {
    document.body.classList.add('govuk-frontend-supported')
  }
})()
