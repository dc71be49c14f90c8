# All parts, in one line for the scripts of this project.
# shellcheck shell=bash
lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=dev/lib/common.sh
source "$lib/common.sh"
# shellcheck source=dev/lib/python.sh
source "$lib/python.sh"
# shellcheck source=dev/lib/postgresql.sh
source "$lib/postgresql.sh"
# shellcheck source=dev/lib/odoo.sh
source "$lib/odoo.sh"
# shellcheck source=dev/lib/database.sh
source "$lib/database.sh"
# shellcheck source=dev/lib/demo.sh
source "$lib/demo.sh"
# shellcheck source=dev/lib/smtp.sh
source "$lib/smtp.sh"
# shellcheck source=dev/lib/browser.sh
source "$lib/browser.sh"
