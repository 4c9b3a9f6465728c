#!/bin/sh
# Builds certbound and runs every test, PostgreSQL included; ends with ctest's summary.
#
#   scripts/test.sh                    all tests of preset dev
#   scripts/test.sh -L unit            arguments go on to ctest: -R NAME, -L LABEL, -V, --rerun-failed ...
set -eu
cd "$(dirname "$0")/.."

scripts/install-packages.sh --tests
[ -f build/dev/build.ninja ] || cmake --preset dev
cmake --build --preset dev
exec ctest --preset dev "$@"
