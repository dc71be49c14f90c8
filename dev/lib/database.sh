# Databases. Odoo's own commands copy, rename and drop them, together with their file stores.
# shellcheck shell=bash disable=SC2034 # DEMO_DB and the like are for the scripts that source this file

# What the addon builds on (the manifest has the last word: what is missing here comes with it).
BASE_MODULES=base_automation,crm,mass_mailing,mass_mailing_sms,mass_mailing_crm,mass_mailing_crm_sms,rpc
DEMO_DB=${ADDON}_demo_$CHECKOUT
TEST_DB=${ADDON}_test_$CHECKOUT
BENCH_DB=${ADDON}_bench_$CHECKOUT

logged() { # logged FILE COMMAND...: with COMMAND's output in FILE, shown when COMMAND fails
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 9>&- || { tail -n 40 "$log" >&2; fail "Failed: $*" "Its whole log is $log"; }
}

sql() { # sql DATABASE STATEMENT
    psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --dbname="$1" -Atc "$2" </dev/null
}

has_database() { # has_database NAME
    [[ -n $(sql postgres "SELECT 1 FROM pg_database WHERE datname = '$1'") ]]
}

is_complete() { # is_complete NAME: the database has its file store too
    has_database "$1" && [[ -d $DATA/filestore/$1 ]]
}

drop_database() { # drop_database NAME
    ! has_database "$1" || logged "$STATE/database.log" odoo db drop "$1"
    rm -rf "$DATA/filestore/$1" # an interruption may have left it alone
}

rename_database() { # rename_database NAME NEW_NAME: takes the place of a database of that name
    drop_database "$2"
    logged "$STATE/database.log" odoo db rename "$1" "$2"
}

build_base_database() { # build_base_database NAME [OPTION...]
    local name=$1
    shift
    say "Installing Odoo's own modules into a database (about a minute; kept for the next time)"
    drop_database "${name}_new"
    logged "$CACHE/$name.log" odoo -d "${name}_new" -i "$BASE_MODULES" "$@" --stop-after-init --no-http
    rename_database "${name}_new" "$name"
}

new_database() { # new_database NAME LOG [OPTION...]: the addon installed, its installation's log in LOG
    local name=$1 log=$2 base
    shift 2
    base=${ADDON}_base_$(hash_of <<<"$ODOO_KEY $VENV $BASE_MODULES $*")
    (
        lock "$CACHE/$base.lock"
        if ! is_complete "$base"; then
            build_base_database "$base" "$@"
        fi
        drop_database "$name"
        logged "$STATE/database.log" odoo db duplicate "$base" "$name"
    )
    say "Installing the addon into database $name"
    logged "$log" odoo -d "$name" -i "$ADDON" "$@" --stop-after-init --no-http
}

warnings_in() { # warnings_in LOG: prints the warnings and errors in a log of Odoo; fails without any
    awk '/^[0-9][0-9][0-9][0-9]-/ { shown = $4 ~ /^(WARNING|ERROR|CRITICAL)$/ } shown { found = 1; print } END { exit !found }' "$1"
}
