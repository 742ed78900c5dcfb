// Brings the GOV.UK components on the page to life.
import { initAll } from '../vendor/govuk-frontend.min.js'

initAll()
