#!/bin/sh
# No name stands for two things: of two functions of one name in two static libraries the linker takes whichever it
# meets first, and says nothing.
#
#   scripts/check_symbols.sh LIBRARY_FOLDER
set -eu
libraries=$(find "$1" -name 'libcb_*.a')
[ -n "$libraries" ] || { echo "check_symbols: no libraries in $1" >&2; exit 1; }
# shellcheck disable=SC2086  # no blanks in our file names
twice=$(for library in $libraries; do nm -g --defined-only "$library"; done 2>/dev/null |
    awk 'NF == 3 && $3 ~ /^cb_/ { print $3 }' | sort | uniq -d)
[ -z "$twice" ] || { echo "defined twice:" $twice; exit 1; }
