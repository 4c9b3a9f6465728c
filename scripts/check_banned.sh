#!/bin/sh
# No function that invites an overflow, nowhere; none that hides global state, in what we ship. There raw comparisons are
# counted per file too, and only the files listed allocate: scripts/counted_calls.txt, where an entry that is no longer
# true fails as well.
set -eu
cd "$(dirname "$0")/.."
sources=$(git ls-files 'common/*.[ch]' 'server/*.[ch]' 'verifier/*.[ch]' 'include/*.[ch]' 'examples/*.[ch]' 'tests/*.[ch]')
[ -n "$sources" ] || exit 0

# shellcheck disable=SC2086  # no blanks in our file names
awk -v table=scripts/counted_calls.txt '
# What is left of a line without its comments; `comment` says whether one goes on.
function strip_comments(line,    code, at) {
    code = ""
    while (line != "") {
        at = index(line, comment ? "*/" : "/*")
        if (!comment) code = code " " (at ? substr(line, 1, at - 1) : line)
        line = at ? substr(line, at + 2) : ""
        if (at) comment = !comment
    }
    sub(/\/\/.*$/, "", code)
    return code
}
function strip_literals(line) {
    gsub(/\\./, "", line)
    gsub(/"[^"]*"/, "\"\"", line)
    return line
}
BEGIN {
    split("strcpy strcat stpcpy sprintf vsprintf gets atoi atol atoll atof strtok alloca tmpnam mktemp", words)
    for (i in words) banned[words[i]] = 1
    split("sscanf localtime gmtime ctime asctime strerror system popen rand srand random setjmp longjmp bcmp bcopy bzero", words)
    for (i in words) unshipped[words[i]] = 1
    split("memcmp strcmp strncmp strcasecmp strncasecmp", words)
    for (i in words) counted[words[i]] = 1
    split("malloc calloc realloc reallocarray strdup strndup aligned_alloc posix_memalign", words)
    for (i in words) allocating[words[i]] = 1
    while ((getline line < table) > 0)
        if (line !~ /^(#|$)/) {
            split(line, f)
            allowed[f[1] " " f[2]] = f[2] == "allocates" ? 1 : f[3]
        }
}
FNR == 1 {
    comment = 0
    shipped = FILENAME !~ /^tests\//
}
{
    line = strip_comments(strip_literals($0))
    while (match(line, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
        word = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        sub(/[ \t]*\($/, "", word)
        if (word in banned || (shipped && word in unshipped)) {
            print FILENAME ":" FNR ": " word " is banned"
            bad = 1
        }
        if (shipped && word in counted) seen[FILENAME " " word]++
        if (shipped && word in allocating) seen[FILENAME " allocates"] = 1
    }
}
END {
    for (key in seen)
        if (seen[key] > allowed[key] + 0) {
            print key ": " seen[key] ", " allowed[key] + 0 " allowed by " table
            bad = 1
        }
    for (key in allowed)
        if (seen[key] + 0 < allowed[key]) {
            print key ": " seen[key] + 0 ", lower the " allowed[key] " in " table
            bad = 1
        }
    exit bad
}' $sources
