#!/bin/sh
# Installs what certbound needs from Debian's own packages. Debian 12 and 13; needs root or sudo.
#
#   scripts/install-packages.sh           what building and running need
#   scripts/install-packages.sh --tests   and what the tests and the linters need
set -eu

build="gcc g++ make cmake ninja-build pkg-config ca-certificates git
  libssl-dev libgnutls28-dev libmicrohttpd-dev libjansson-dev libjwt-dev libyaml-dev
  libpq-dev libsqlite3-dev libcurl4-openssl-dev openssl curl"
tests="libcriterion-dev postgresql python3 python3-pytest python3-requests python3-authlib
  python3-cryptography python3-yaml clang clang-format clang-tidy cppcheck binutils"

case "${1-}" in
    "") wanted=$build ;;
    --tests) wanted="$build $tests" ;;
    *) sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

# libFuzzer and the sanitizers of clang come in a package that carries clang's version in its name.
if [ "${1-}" = --tests ]; then
    clang=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
    [ -z "$clang" ] || wanted="$wanted libclang-rt-$clang-dev"
fi

missing=
for package in $wanted; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        "install ok installed") ;;
        *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "install-packages: needs root or sudo to install:$missing" >&2; exit 1; }
    as_root="sudo"
fi
echo "installing:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086  # the list is meant to split
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
