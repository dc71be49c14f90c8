# Sourced by every script of this folder: paths, messages, locks, system packages.
# shellcheck shell=bash disable=SC2034 # the variables are for the scripts that source this file
set -euo pipefail

ADDON=marketing_automation
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
CACHE=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/$ADDON-dev

hash_of() { # hash_of < TEXT: a short key for the name of a folder or of a database
    sha256sum | cut -c1-12
}

# What belongs to this checkout alone; everything else below CACHE is shared between checkouts.
CHECKOUT=$(hash_of <<<"$ROOT")
STATE=$CACHE/checkouts/$CHECKOUT
mkdir -p "$STATE"

# Messages go to standard error: the output of dev/odoo and dev/python stays that of the program.
say() { echo "==> $*" >&2; }
warn() { echo "WARNING: $*" >&2; }
fail() { # fail WHAT [WHAT_TO_DO]
    echo "ERROR: $1" >&2
    [[ -z ${2:-} ]] || echo "       $2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null; }

lock() { # lock FILE: waits for it and holds it (as file descriptor 9) until the (sub)shell ends
    mkdir -p "$(dirname "$1")"
    exec 9>"$1"
    flock --nonblock 9 || { say "Waiting for another call to finish ($1)"; flock 9; }
}

build_once() { # build_once FOLDER FUNCTION [ARG...]: fills FOLDER by FUNCTION FOLDER ARG...
    # A folder without the stamp was left by an interrupted call: it is built anew.
    local folder=$1 build=$2
    shift 2
    [[ ! -e $folder/.complete ]] || return 0
    (
        lock "$folder.lock"
        [[ ! -e $folder/.complete ]] || exit 0
        rm -rf "$folder"
        mkdir -p "$folder"
        "$build" "$folder" "$@"
        touch "$folder/.complete"
    )
}

apt_install() { # apt_install PACKAGE...
    local as_root=()
    have apt-get || fail "Missing on this machine: $*" "Install it with the machine's package manager."
    if ((EUID != 0)); then
        have sudo || fail "Missing on this machine: $*" "As root: apt-get install $*"
        as_root=(sudo)
    fi
    say "Installing $*"
    (
        lock "$CACHE/apt.lock"
        # A package may start a server: it must not inherit a lock (8, 9).
        "${as_root[@]}" apt-get -qq update </dev/null >&2 \
            || warn "apt-get update failed; trying with the package lists at hand"
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
            install -y --no-install-recommends "$@" </dev/null >&2 8>&- 9>&-
    ) || fail "Could not install $*" "Install it by hand (as root: apt-get install $*) and try again."
}

free_port() { # free_port FIRST: prints the first port from FIRST on that nothing listens on
    local port
    for ((port = $1; port < $1 + 100; port++)); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    fail "No free port from $1 to $((port - 1))" "Stop one of the servers that use them."
}
