#!/bin/sh
# The browser that the journeys drive. Where it can't be installed, say loudly which tests are left out;
# in CI a missing browser fails.
found() { for name in ${QA_TEST_BROWSER:-} chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && return 0; done; return 1; }
found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the journeys ..."
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
fi
found && exit 0
if [ -n "${CI:-}" ]; then
  echo "CI needs a browser, and none could be installed." >&2
  exit 1
fi
echo "" >&2
echo "!! NO BROWSER: the journeys in a real browser (tests marked 'browser') ARE LEFT OUT." >&2
echo "!! Install Chromium or Chrome, or name one: QA_TEST_BROWSER=/path/to/chrome make test" >&2
echo "" >&2
