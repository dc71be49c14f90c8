# A mail server for measurements: postfix's smtp-sink, unpacked, not installed.
# shellcheck shell=bash

build_smtp_sink() { # build_smtp_sink FOLDER: leaves it empty where there is no such package
    have apt-get || return 0
    say "Fetching a mail server to measure with"
    (
        cd "$1" || exit
        apt-get -qq download postfix >&2 || { apt-get -qq update >&2 && apt-get -qq download postfix >&2; }
        dpkg -x postfix_*.deb . && rm postfix_*.deb
    ) || warn "There is no smtp-sink: a slower mail server takes its place"
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
    [[ $("$SMTP_SINK" -x 2>&1) == *usage:* ]] || SMTP_SINK=
    export SMTP_SINK
}
