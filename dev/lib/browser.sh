# The browser of the browser tests and of the screenshots.
# shellcheck shell=bash

setup_browser() { # the names that Odoo looks for
    have google-chrome || have chromium || have chromium-browser || have google-chrome-stable && return
    apt_install chromium
    have chromium || fail "No browser is found" "Install Chromium or Google Chrome."
}
