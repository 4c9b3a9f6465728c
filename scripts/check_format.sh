#!/bin/sh
# Every C file is as .clang-format makes it. Other major versions of clang-format write other code, so only
# the pinned one judges: elsewhere the check says skipped (exit status 77).
#
#   scripts/check_format.sh          says which files differ
#   scripts/check_format.sh --fix    formats them
set -eu
cd "$(dirname "$0")/.."
pinned=14

have=$(clang-format --version 2>/dev/null | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
if [ "$have" != "$pinned" ]; then
    echo "skipped: clang-format $pinned is wanted, ${have:-none} is here"
    exit 77
fi
mode="--dry-run -Werror"
[ "${1-}" != --fix ] || mode=-i
# shellcheck disable=SC2086  # the mode is meant to split
git ls-files -z '*.c' '*.h' | xargs -0 -r clang-format $mode
