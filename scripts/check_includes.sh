#!/bin/sh
# The arrows between the folders, in words: what each may include of the project, and which libraries from
# outside. The C library is free to all but domain code, which opens no socket. A folder that has no line
# here fails, so that a new one is thought about; so does a permission that nothing uses any more.
set -eu
cd "$(dirname "$0")/.."

# folder | other folders of the project it may include | libraries it may include
rules='
include/certbound       |                                                                                            |
common/base             |                                                                                            | openssl jansson
common/cert             | base jose                                                                                  | openssl net
common/jose             | base                                                                                       | openssl
verifier                | base certbound jose                                                                        |
server/log              | base                                                                                       |
server/config           | base                                                                                       | yaml net
server/fetch            | base config                                                                                | curl net
server/store            | base                                                                                       | net
server/store/sqlite     | base store                                                                                 | sqlite3
server/store/postgresql | base store                                                                                 | libpq net
server/keys             | base jose store                                                                            | openssl jwt
server/partner          | base cert config jose store                                                                |
server/revocation       | base cert config log partner                                                               |
server/onboarding       | base cert config jose log partner store                                                    |
server/oauth            | base cert config jose keys log onboarding partner revocation                               |
server/http             | base cert config jose log oauth partner                                                    | microhttpd net
server/admin            | base cert jose keys oauth partner                                                          |
server/watch            | base cert fetch jose log oauth partner                                                     |
server/app              | admin base cert config fetch http keys log oauth onboarding partner revocation store watch |
server/cli              | app base cert certbound config http jose keys oauth onboarding partner store      | openssl curl
server/cli/demo         | app base cli http jose partner                                                             | openssl
server                  | cli                                                                                        |
examples                | certbound                                                                                  | microhttpd gnutls curl net
'
# file | libraries it may include although its folder may not
exceptions='
common/base/network.h           | net
common/base/network.c           | net
server/http/tls_peer.c          | gnutls
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
# Whether `key`, a folder or a file, may include `name`.
function may(set, key, name) {
    if (!((key, name) in set)) return 0
    used[key, name] = 1
    return 1
}
function complain(what) {
    print what
    bad = 1
}
function complain_if_unused(set,    pair, f) {
    for (pair in set)
        if (!(pair in used)) {
            split(pair, f, SUBSEP)
            complain(f[1] ": does not include " f[2] " any more")
        }
}
BEGIN {
    by_header["jansson.h"] = "jansson"; by_header["microhttpd.h"] = "microhttpd"; by_header["sqlite3.h"] = "sqlite3"
    by_header["libpq-fe.h"] = "libpq"; by_header["jwt.h"] = "jwt"; by_header["yaml.h"] = "yaml"
    n = split(rules, line, "\n")
    for (i = 1; i <= n; i++)
        if (split(line[i], f, "|") == 3) {
            folder = trim(f[1])
            if (folder in known) complain(folder ": has two rules")
            known[folder] = 1
            words_into(project, folder, f[2])
            words_into(outside, folder, f[3])
        }
    n = split(exceptions, line, "\n")
    for (i = 1; i <= n; i++)
        if (split(line[i], f, "|") == 2) words_into(outside, trim(f[1]), f[2])
}
FNR == 1 {
    folder = folder_of(FILENAME)
    seen[folder] = 1
    own = folder
    sub(/^(common|server|include)\//, "", own)
    if (!(folder in known)) complain(FILENAME ": its folder has no rule")
}
/^#[ \t]*include[ \t]*</ {
    header = $0; sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    if (header ~ /^certbound\//) {
        if (own != "certbound" && !may(project, folder, "certbound"))
            complain(FILENAME ":" FNR ": <" header "> is not for " folder)
        next
    }
    library = library_of(header)
    if (library != "" && !may(outside, FILENAME, library) && !may(outside, folder, library))
        complain(FILENAME ":" FNR ": <" header "> (" library ") is not for " folder)
}
/^#[ \t]*include[ \t]*"/ {
    header = $0; sub(/^[^"]*"/, "", header); sub(/".*/, "", header)
    target = header
    if (!sub(/\/[^\/]*$/, "", target)) {
        beside = FILENAME; sub(/[^\/]*$/, "", beside)
        if ((getline ignored < (beside header)) >= 0) { close(beside header); next }
        sub(/\..*/, "", target)
        sub(/_.*/, "", target)
    }
    if (target != own && !may(project, folder, target)) complain(FILENAME ":" FNR ": \"" header "\" is not for " folder)
}
END {
    for (folder in known)
        if (!(folder in seen)) complain(folder ": has a rule and no source")
    complain_if_unused(project)
    complain_if_unused(outside)
    exit bad
}' $sources
