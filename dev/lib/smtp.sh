# A mail server for measurements: postfix's smtp-sink, unpacked, not installed.
# shellcheck shell=bash

build_smtp_sink() { # build_smtp_sink FOLDER: without smtp-sink where there is no such package
    have apt-get || return 0
    say "Fetching a mail server to measure with"
    (
        cd "$1" &&
            { apt-get -qq download postfix || { apt-get -qq update && apt-get -qq download postfix; }; } &&
            dpkg -x postfix_*.deb . && rm postfix_*.deb
    ) >&2 || return 0
}

setup_smtp_sink() { # sets SMTP_SINK, a command, unless it cannot run here
    local folder=$CACHE/smtp-sink
    SMTP_SINK=$(command -v smtp-sink) || SMTP_SINK=$folder/smtp-sink
    if [[ ! -x $SMTP_SINK ]]; then
        build_once "$folder" build_smtp_sink
        printf '#!/bin/sh\nLD_LIBRARY_PATH=%q exec %q "$@"\n' \
            "$folder/usr/lib/postfix" "$folder/usr/sbin/smtp-sink" >"$SMTP_SINK"
        chmod +x "$SMTP_SINK"
    fi
    if [[ $("$SMTP_SINK" -x 2>&1) != *usage:* ]]; then
        warn "There is no smtp-sink: a slower mail server takes its place"
        SMTP_SINK=
        rm -rf "$folder" # the next call tries again
    fi
    export SMTP_SINK
}
