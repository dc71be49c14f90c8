# PostgreSQL: the user's own (PGHOST or PGPORT is set), else a server for these scripts alone.
# shellcheck shell=bash

find_postgresql() { # sets PG_BIN, PG_FOLDER and PG_AS
    # shellcheck disable=SC2012 # names like 15 and 17, nothing else
    PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    if [[ ! -x $PG_BIN/initdb ]] && have pg_config; then
        PG_BIN=$(pg_config --bindir)
    fi
    [[ -x $PG_BIN/initdb ]] || return 1
    local major
    major=$("$PG_BIN/postgres" --version | grep -oE '[0-9]+' | head -n 1)
    PG_FOLDER=$CACHE/postgresql-$major
    PG_AS=()
    if ((EUID == 0)); then # PostgreSQL refuses to run as root, and root's folders are closed to others
        PG_FOLDER=/var/lib/postgresql/$ADDON-dev-$major-$(hash_of <<<"$CACHE")
        PG_AS=(runuser -u postgres --)
    fi
}

build_cluster() { # build_cluster FOLDER
    say "Creating a PostgreSQL server"
    if ((EUID == 0)); then
        mkdir -p "$1"
        chown postgres: "$1"
    fi
    chmod 700 "$1"
    (cd "$1" && "${PG_AS[@]}" "$PG_BIN/initdb" --pgdata="$1/data" --username=odoo --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 >"$1.log" 2>&1) \
        || { cat "$1.log" >&2; fail "initdb failed, see above"; }
}

start_cluster() (
    lock "$PG_FOLDER.start.lock"
    cd "$PG_FOLDER" || exit
    control=("${PG_AS[@]}" "$PG_BIN/pg_ctl" --pgdata="$PG_FOLDER/data")
    ! "${control[@]}" status >/dev/null || exit 0
    # Reached through a socket in a closed folder, never through the network. The server must not
    # inherit the lock (9) nor the output, or whoever reads that would wait for it for ever.
    "${control[@]}" start --wait --silent --log="$PG_FOLDER/data/server.log" \
        --options="-c listen_addresses='' -c unix_socket_directories='$PG_FOLDER' -c port=5432" \
        </dev/null >/dev/null 2>&1 8>&- 9>&- && exit 0
    tail -n 20 "$PG_FOLDER/data/server.log" >&2 || true
    fail "PostgreSQL did not start, see above" "If its data are damaged: make distclean"
)

setup_postgresql() { # sets PGHOST, PGPORT and PGUSER
    if [[ -n ${PGHOST:-}${PGPORT:-} ]]; then
        have psql || apt_install postgresql-client
        local may
        may=$(psql --no-password --dbname="${PGDATABASE:-postgres}" -Atc \
            'SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user' </dev/null) \
            || fail "The PostgreSQL server of PGHOST=${PGHOST:-} PGPORT=${PGPORT:-} does not let us in" \
                "Correct PGHOST, PGPORT, PGUSER, PGPASSWORD, or unset them to get one of our own."
        [[ $may == t ]] || fail "The PostgreSQL user must be allowed to create databases" \
            "As an administrator of that server: ALTER ROLE ... CREATEDB"
        unset PGDATABASE # Odoo would take it for the database to work on
        return
    fi
    if ! find_postgresql; then
        apt_install postgresql
        find_postgresql || fail "PostgreSQL's server programs are not found" \
            "Install them (apt-get install postgresql), or set PGHOST to a running server."
    fi
    local socket=$PG_FOLDER/.s.PGSQL.5432.lock
    ((${#socket} < 105)) || fail "The path of PostgreSQL's socket is too long: $socket" \
        "Set XDG_CACHE_HOME to a folder with a shorter path."
    build_once "$PG_FOLDER" build_cluster
    start_cluster
    unset PGDATABASE PGPASSWORD PGSERVICE
    export PGHOST=$PG_FOLDER PGPORT=5432 PGUSER=odoo
}

stop_postgresql() { # stops the server that setup_postgresql started, if there is one
    find_postgresql && [[ -e $PG_FOLDER/data/postmaster.pid ]] || return 0
    (cd "$PG_FOLDER" && "${PG_AS[@]}" "$PG_BIN/pg_ctl" --pgdata="$PG_FOLDER/data" stop --mode=fast --silent)
}
