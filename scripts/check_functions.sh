#!/bin/sh
# A function fits on a screen: at most 60 lines between its braces, the rows of a table not counted. Those longer
# by agreement are in scripts/long_functions.txt with the length they may have; that list only shrinks.
set -eu
cd "$(dirname "$0")/.."
sources=$(git ls-files '*.c')
[ -n "$sources" ] || exit 0

# shellcheck disable=SC2086  # no blanks in our file names
awk -v table=scripts/long_functions.txt -v most=60 '
BEGIN {
    while ((getline line < table) > 0)
        if (line !~ /^(#|$)/) {
            split(line, f)
            allowed[f[1] " " f[2]] = f[3]
        }
}
FNR == 1 { name = ""; start = 0; table_start = 0 }
/^[A-Za-z_].*\(/ {
    head = $0
    sub(/[ \t]*\(.*/, "", head)
    sub(/^.*[ \t*]/, "", head)
    name = head
}
/^\{/ { start = FNR; rows = 0 }
start && /\[\] = \{$/ { table_start = FNR }
table_start && /^ +\};$/ { rows += FNR - table_start; table_start = 0 }
/^\}/ && start {
    length_now = FNR - start - 1 - rows
    key = FILENAME " " name
    limit = (key in allowed) ? allowed[key] : most
    used[key] = 1
    if (length_now > limit) {
        print FILENAME ":" start ": " name " has " length_now " lines, at most " limit
        bad = 1
    } else if ((key in allowed) && length_now < allowed[key]) {
        print FILENAME ":" start ": " name " has " length_now " lines, lower the " allowed[key] " in " table
        bad = 1
    }
    start = 0
}
END {
    for (key in allowed)
        if (!(key in used)) {
            print key ": no such function, take it out of " table
            bad = 1
        }
    exit bad
}' $sources
