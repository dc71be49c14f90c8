# Odoo 19: the user's own (ODOO_HOME, or an importable odoo), else Debian's package, unpacked.
# shellcheck shell=bash

odoo_series() { # odoo_series FOLDER: prints the series of the Odoo whose Python package is FOLDER
    [[ -f $1/release.py ]] || return 0
    "$VENV/bin/python" -c 'import runpy, sys; print(runpy.run_path(sys.argv[1])["major_version"])' "$1/release.py"
}

importable_odoo() { # prints the folder of an odoo that the user's own Python can import
    (cd / && python3 -c '
import importlib.util, pathlib
spec = importlib.util.find_spec("odoo")
for folder in spec.submodule_search_locations if spec else ():
    if (pathlib.Path(folder) / "release.py").is_file():
        print(pathlib.Path(folder).resolve())
        break
') 2>/dev/null || true
}

find_mirrors() { # find_mirrors FOLDER: prints the mirrors of this machine's apt configuration
    local mirrors query=(apt-get indextargets --format "\$(REPO_URI)" "Created-By: Packages")
    mirrors=$("${query[@]}" | sort -u)
    if [[ -z $mirrors ]]; then # apt knows them from its package lists only: none were fetched yet
        mkdir -p "$1/partial"
        apt-get -qq -o Dir::State::Lists="$1" -o APT::Sandbox::User="$(id -un)" update >&2 || true
        mirrors=$("${query[@]}" -o Dir::State::Lists="$1" | sort -u)
    fi
    echo "$mirrors"
}

fetch_odoo() { # fetch_odoo FOLDER: unpacks the packages of dev/debian-packages.txt into FOLDER
    local folder=$1 work=$1/work
    have apt-get || fail "No Odoo 19 on this machine" \
        "Set ODOO_HOME to the folder of an Odoo 19.0 source checkout."
    say "Fetching Odoo 19"
    mkdir -p "$work/lists/partial" "$work/packages"
    # An apt of its own: neither the package lists nor the preferences of the machine are touched.
    local options=(
        -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
        -o Dir::State::Lists="$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none
    )
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror offered=
    for mirror in ${DEBIAN_MIRROR:-$(find_mirrors "$work/machine-lists")}; do
        echo "deb [signed-by=$keyring] $mirror sid main" >"$work/sources.list"
        apt-get "${options[@]}" update >&2 2>>"$work/update.log" || continue
        offered=$(apt-cache "${options[@]}" madison odoo-19)
        [[ -z $offered ]] || break
    done
    if [[ -z $offered ]]; then
        cat "$work/update.log" >&2
        fail "No mirror of this machine's apt configuration offers Odoo 19 (package odoo-19 of Debian sid)" \
            "Set ODOO_HOME to an Odoo 19.0 source checkout, or DEBIAN_MIRROR to a Debian mirror."
    fi

    local pin name version pins=()
    mapfile -t pins < <(grep -v '^#' "$ROOT/dev/debian-packages.txt")
    for pin in "${pins[@]}"; do
        name=${pin%%=*} version=${pin#*=}
        offered=$(apt-cache "${options[@]}" madison "$name" \
            | awk -v pin="$version" 'NR == 1 || $3 == pin { found = $3 } END { print found }')
        [[ -n $offered ]] || fail "The mirror has no package $name" "Correct dev/debian-packages.txt."
        if [[ $offered != "$version" ]]; then
            warn "$name $version is no longer offered; taking $offered (see dev/debian-packages.txt)"
        fi
        (cd "$work/packages" && apt-get "${options[@]}" download "$name=$offered" >&2) \
            || fail "Could not download $name" "Is the Debian mirror reachable? Try again."
    done
    local package
    for package in "$work"/packages/*.deb; do
        dpkg-deb --extract "$package" "$folder"
    done
    rm -rf "$work"

    # Debian leaves this file out; without it every page logs an error, which fails browser tests.
    local addons=$folder/usr/lib/python3/dist-packages/odoo/addons
    mkdir -p "$addons/mail/static/lib/selfie_segmentation"
    touch "$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
}

find_odoo() { # sets ODOO_PACKAGE, the folder of the Python package odoo, and ODOO_KEY; needs VENV
    local series=
    if [[ -n ${ODOO_HOME:-} ]]; then
        ODOO_PACKAGE=$(cd "$ODOO_HOME" && pwd -P)/odoo || fail "ODOO_HOME=$ODOO_HOME is not a folder"
        series=$(odoo_series "$ODOO_PACKAGE")
        [[ $series == 19.0 ]] || fail "ODOO_HOME=$ODOO_HOME is ${series:-no Odoo} instead of Odoo 19.0" \
            "Set it to the folder of an Odoo 19.0 source checkout, or unset it."
    else
        ODOO_PACKAGE=$(importable_odoo)
        # Called from dev/python, it would find the one fetched here.
        [[ $ODOO_PACKAGE == "$CACHE"/* ]] || series=$(odoo_series "$ODOO_PACKAGE")
    fi
    if [[ $series == 19.0 ]]; then
        # A base database is kept for each state of the sources.
        ODOO_KEY=$({
            echo "$ODOO_PACKAGE"
            git -C "$ODOO_PACKAGE" rev-parse HEAD 2>/dev/null || cat "$ODOO_PACKAGE/release.py"
        } | hash_of)
    else
        ODOO_KEY=$(hash_of <"$ROOT/dev/debian-packages.txt")
        build_once "$CACHE/odoo-$ODOO_KEY" fetch_odoo
        ODOO_PACKAGE=$CACHE/odoo-$ODOO_KEY/usr/lib/python3/dist-packages/odoo
    fi
}

setup_odoo() { # sets ODOO_RC, PYTHONPATH and PATH; needs setup_python and setup_postgresql
    find_odoo
    # The checkout may have any name, and the folder above it anything in it: Odoo gets links.
    mkdir -p "$STATE/lib" "$STATE/addons"
    ln -sfn "$ROOT" "$STATE/addons/$ADDON"
    ln -sfn "$ODOO_PACKAGE" "$STATE/lib/odoo"
    local addons_path=$ODOO_PACKAGE/addons,$STATE/addons
    [[ ! -d ${ODOO_PACKAGE%/odoo}/addons/web ]] || addons_path=${ODOO_PACKAGE%/odoo}/addons,$addons_path

    DATA=$CACHE/data/$(hash_of <<<"${PGHOST:-}:${PGPORT:-}") # file stores go with a database server
    ODOO_RC=$STATE/odoo.conf
    # Mail goes to the catcher of "make run" and, when that is not running, nowhere.
    cat >"$ODOO_RC.$$" <<END
[options]
addons_path = $addons_path
data_dir = $DATA
http_interface = 127.0.0.1
smtp_server = 127.0.0.1
smtp_port = $(cat "$STATE/smtp-port" 2>/dev/null || echo 2525)
screenshots = $STATE/screenshots
END
    mv "$ODOO_RC.$$" "$ODOO_RC"
    export ODOO_RC PYTHONPATH=$STATE/lib PATH=$VENV/bin:$PATH
}

odoo() { # odoo ARG...: Odoo's own command line
    "$VENV/bin/python" -m odoo "$@"
}

setup() { # everything that Odoo's command line needs
    setup_python
    setup_postgresql
    setup_odoo
}
