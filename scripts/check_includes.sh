#!/bin/sh
# The arrows between the folders, in words: what each may include of the project, and which libraries from
# outside. The C library is free to all but domain code, which opens no socket. A folder that has no line
# here fails, so that a new one is thought about.
set -eu
cd "$(dirname "$0")/.."

# folder | folders of the project it may include | libraries it may include
rules='
include/certbound       | certbound                                                  |
common/base             | base                                                       | openssl jansson
common/cert             | base cert jose                                             | openssl net
common/jose             | base jose                                                  | openssl
verifier                | base cert jose certbound verifier                          |
verifier/fetch          | base certbound fetch                                       | curl
server/log              | base log                                                   |
server/config           | base config                                                | yaml net
server/fetch            | base config fetch                                          | curl net
server/revocation       | base cert config log partner revocation                      |
server/store            | base store                                                 | net
server/store/sqlite     | base store store/sqlite                                    | sqlite3
server/store/postgresql | base store store/postgresql                                | libpq net
server/keys             | base jose keys store                                       | openssl jwt
server/partner          | base cert config jose partner store                        |
server/onboarding       | base cert config jose log onboarding partner store                  |
server/oauth            | base cert jose keys oauth onboarding partner config log revocation store               |
server/http             | base cert config http jose log oauth partner               | microhttpd net
<<<<<<< HEAD
server/admin            | admin base cert config jose keys oauth partner revocation store | jansson
server/watch            | base cert config fetch jose keys log oauth partner store watch |
server/app              | admin app base cert config fetch http jose keys log oauth onboarding partner revocation store watch | openssl net
server/cli              | app base cert certbound cli config http jose keys log oauth partner store | openssl curl net
=======
server/app              | admin app base cert config fetch http jose keys log oauth onboarding partner store watch | openssl net
server/cli              | app base cert certbound cli config http jose keys log oauth onboarding partner store | openssl curl net
>>>>>>> 8520adb (wip2)
server                  | app base cli config log                                    |
examples                | certbound                                                  | microhttpd gnutls curl net
'
# file | libraries it may include although its folder may not
exceptions='
common/base/network.h           | net
common/base/network.c           | net
server/http/tls_peer.c          | gnutls
server/partner/registration.c   | jansson
'

sources=$(git ls-files 'include/*.h' 'common/*.[ch]' 'server/*.[ch]' 'verifier/*.[ch]' 'examples/*.[ch]')
[ -n "$sources" ] || exit 0

# shellcheck disable=SC2086  # no blanks in our file names
awk -v rules="$rules" -v exceptions="$exceptions" '
function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
function words_into(set, key, list,    i, n, w) {
    n = split(list, w, " ")
    for (i = 1; i <= n; i++) set[key, w[i]] = 1
}
function folder_of(file) {
    sub(/\/[^\/]*$/, "", file)
    while (!(file in known) && sub(/\/[^\/]*$/, "", file)) ;
    return file
}
function library_of(header) {
    if (header ~ /^openssl\//) return "openssl"
    if (header ~ /^gnutls\//) return "gnutls"
    if (header ~ /^curl\//) return "curl"
    if (header ~ /^systemd\//) return "systemd"
    if (header ~ /^(sys\/socket|sys\/un|sys\/epoll|netdb|poll|arpa\/inet|netinet\/.*)\.h$/ || header ~ /^(netinet|arpa)\//)
        return "net"
    return header in by_header ? by_header[header] : ""
}
BEGIN {
    by_header["jansson.h"] = "jansson"; by_header["microhttpd.h"] = "microhttpd"; by_header["sqlite3.h"] = "sqlite3"
    by_header["libpq-fe.h"] = "libpq"; by_header["jwt.h"] = "jwt"; by_header["yaml.h"] = "yaml"
    n = split(rules, line, "\n")
    for (i = 1; i <= n; i++)
        if (split(line[i], f, "|") == 3) {
            folder = trim(f[1]); known[folder] = 1
            words_into(project, folder, f[2]); words_into(outside, folder, f[3])
        }
    n = split(exceptions, line, "\n")
    for (i = 1; i <= n; i++)
        if (split(line[i], f, "|") == 2) words_into(outside, trim(f[1]), f[2])
}
FNR == 1 { folder = folder_of(FILENAME) }
FNR == 1 && !(folder in known) { print FILENAME ": its folder has no rule"; bad = 1 }
/^#[ \t]*include[ \t]*</ {
    header = $0; sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    if (header ~ /^certbound\//) {
        if (!((folder, "certbound") in project)) { print FILENAME ":" FNR ": <" header "> is not for " folder; bad = 1 }
        next
    }
    library = library_of(header)
    if (library != "" && !((folder, library) in outside) && !((FILENAME, library) in outside)) {
        print FILENAME ":" FNR ": <" header "> (" library ") is not for " folder
        bad = 1
    }
}
/^#[ \t]*include[ \t]*"/ {
    header = $0; sub(/^[^"]*"/, "", header); sub(/".*/, "", header)
    target = header
    if (!sub(/\/[^\/]*$/, "", target)) {
        own = FILENAME; sub(/[^\/]*$/, "", own)
        if ((getline ignored < (own header)) >= 0) { close(own header); next }
        sub(/\..*/, "", target)
        sub(/_.*/, "", target)
    }
    if (!((folder, target) in project)) { print FILENAME ":" FNR ": \"" header "\" is not for " folder; bad = 1 }
}
END { exit bad }' $sources
