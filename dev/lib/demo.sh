# The demo database, for the scripts that serve it.
# shellcheck shell=bash

sources() { # what an installed addon has to be upgraded for, as one key
    find -H "$ROOT" \( -name .git -o -path "$ROOT/dev" -o -path "$ROOT/tests" \) -prune -o -type f \
        \( -name '*.py' -o -name '*.xml' -o -name '*.csv' -o -name '*.po' \) -print0 \
        | sort -z | xargs -0 cat | hash_of
}

build_demo_database() {
    local new=${DEMO_DB}_new script=$STATE/demo.py
    new_database "$new" "$STATE/demo-install.log" --with-demo
    say "Preparing demo data and the web client's files"
    {
        [[ ! -f $ROOT/dev/demo.py ]] || cat "$ROOT/dev/demo.py"
        # Else the first visitor waits for these.
        printf '\nenv["ir.qweb"]._pregenerate_assets_bundles()\nenv.cr.commit()\n'
    } >"$script"
    logged "$STATE/demo-data.log" odoo shell -d "$new" --no-http <"$script"
    # It gets its name only when it is complete, so that an interrupted call starts over.
    rename_database "$new" "$DEMO_DB"
    sources >"$STATE/installed"
}

upgrade_demo_database() {
    [[ $(sources) != "$(cat "$STATE/installed" 2>/dev/null)" ]] || return 0
    say "The addon has changed: upgrading it in the demo database"
    logged "$STATE/demo-upgrade.log" odoo -d "$DEMO_DB" -u "$ADDON" --stop-after-init --no-http
    sources >"$STATE/installed"
}

prepare_demo_database() { # builds or upgrades it; the mail catcher should run
    if is_complete "$DEMO_DB"; then
        upgrade_demo_database
    else
        build_demo_database
    fi
}

wait_for_server() { # wait_for_server PROCESS PORT LOG
    until (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; do
        kill -0 "$1" 2>/dev/null || { tail -n 40 "$3" >&2; fail "The server did not start" "See $3"; }
        sleep 0.2
    done
}
