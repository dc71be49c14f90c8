# The pinned Python packages: one environment for Odoo, one for the lint tools.
# shellcheck shell=bash

find_python() { # prints the Python to build the environments with
    local python
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            "$python" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    fail "No Python 3.11, 3.12 or 3.13 (Odoo 19 runs on these)" \
        "Install one of them (apt-get install python3) or name it: PYTHON=/path/to/python3.12"
}

python_folder() { # python_folder NAME REQUIREMENTS PYTHON: prints where this environment is kept
    echo "$CACHE/$1-$({ cat "$2" && "$3" -c 'import sys; print(sys.version, sys.base_prefix)'; } | hash_of)"
}

build_python() { # build_python FOLDER REQUIREMENTS PYTHON
    "$3" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
    "$3" -m venv "$1"
    "$1/bin/python" -m pip -qq --disable-pip-version-check --no-input install -r "$2" >&2 \
        || fail "Could not install the Python packages of ${2#"$ROOT/"}" \
            "See pip's message above; is the package index reachable?"
}

setup_python() { # sets VENV: Odoo's Python packages, pytest and the mail catcher's
    local python requirements=$ROOT/dev/requirements.txt
    python=$(find_python)
    VENV=$(python_folder python "$requirements" "$python")
    [[ -e $VENV/.complete ]] || say "Installing Python packages"
    build_once "$VENV" build_python "$requirements" "$python"
}

build_lint_tools() { # build_lint_tools FOLDER REQUIREMENTS PYTHON
    build_python "$@"
    cp "$ROOT"/dev/package{,-lock}.json "$1"
    PATH=$1/bin:$PATH npm --prefix "$1" ci --silent --no-audit --no-fund --ignore-scripts >&2 \
        || fail "Could not install the npm packages of dev/package.json" \
            "Run npm ci in a copy of dev/ for its message; is the package registry reachable?"
}

setup_lint_tools() { # sets LINT_TOOLS: Python's lint tools, Node.js (from PyPI) and those of npm
    local python requirements=$ROOT/dev/requirements-lint.txt
    python=$(find_python)
    LINT_TOOLS=$(python_folder lint "$requirements" "$python")-$(hash_of <"$ROOT/dev/package-lock.json")
    [[ -e $LINT_TOOLS/.complete ]] || say "Installing lint tools"
    build_once "$LINT_TOOLS" build_lint_tools "$requirements" "$python"
}
