#!/bin/sh
# A PostgreSQL cluster of the tests' own. It listens on loopback and on a Unix socket, trusts whoever comes, and does
# not care for durability.
#
#   postgres.sh start DIR    starts one; DIR/uri then holds its connection string. Ends first what an earlier run left.
#   postgres.sh stop DIR     ends it and leaves nothing behind; fine when there is none
#
# Runs as the caller, or as the user postgres when the caller is root, which PostgreSQL refuses.
# CB_TEST_POSTGRESQL_BIN names the folder of another server's programs.
set -eu

usage() {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

fail() {
    echo "postgres.sh: $*" >&2
    exit 1
}

# Debian's newest, unless another is asked for.
find_programs() {
    programs=${CB_TEST_POSTGRESQL_BIN:-$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)}
    [ -x "$programs/initdb" ] || fail "no PostgreSQL server in $programs"
}

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups "$@"
    else
        "$@"
    fi
}

end_cluster() {
    as_owner "$programs/pg_ctl" stop -s -m immediate -D "$1/data" >/dev/null 2>&1 || :
    rm -rf "$1"
}

stop() {
    [ -f "$dir/home" ] || return 0
    home=$(cat "$dir/home")
    case $home in
        /tmp/certbound-postgres-*) end_cluster "$home" ;;
        *) fail "$dir/home names no cluster of ours: $home" ;;
    esac
    rm -f "$dir/home" "$dir/uri"
}

# Those whose DIR went away, with a build folder for example.
end_orphans() {
    for home in /tmp/certbound-postgres-*; do
        [ -f "$home/dir" ] || continue
        [ "$(cat "$(cat "$home/dir")/home" 2>/dev/null)" = "$home" ] || end_cluster "$home"
    done
}

random_port() {
    echo $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
}

# The server takes a port or fails: asking first whether it is free would only be a guess.
start_on_some_port() {
    for attempt in 1 2 3 4 5 6 7 8; do
        port=$(random_port)
        if as_owner "$programs/pg_ctl" start -s -w -D "$home/data" -l "$home/log" -o "-p $port" >/dev/null 2>&1; then
            return
        fi
        echo "postgres.sh: attempt $attempt: no start on port $port" >&2
    done
    cat "$home/log" >&2 || :
    fail "the server did not start"
}

start() {
    mkdir -p "$dir"
    stop
    end_orphans
    home=$(as_owner mktemp -d /tmp/certbound-postgres-XXXXXX)
    echo "$home" >"$dir/home"
    echo "$dir" >"$home/dir"
    as_owner "$programs/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
    as_owner tee -a "$home/data/postgresql.conf" >/dev/null <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$home'
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = off
END
    start_on_some_port
    echo "postgresql://postgres@127.0.0.1:$port/postgres" >"$dir/uri.new"
    mv "$dir/uri.new" "$dir/uri"
}

[ $# -eq 2 ] || usage
case $1 in
    start | stop) ;;
    *) usage ;;
esac
case $2 in
    /*) dir=$2 ;;
    *) dir=$PWD/$2 ;;
esac
find_programs
cd / # the user postgres may not be allowed where we are
"$1"
