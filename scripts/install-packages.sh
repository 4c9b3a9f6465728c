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
  python3-cryptography python3-jsonschema python3-yaml clang clang-format clang-tidy cppcheck binutils"
# The tests start these themselves.
balancers="haproxy nginx"
# What partners write their clients in: tests that need one are skipped without it.
runtimes="nodejs default-jdk-headless"

case "${1-}" in
    "") wanted=$build ;;
    --tests) wanted="$build $tests" ;;
    *) sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

as_root=
become_root() {
    [ "$(id -u)" -eq 0 ] && return
    command -v sudo >/dev/null || { echo "install-packages: needs root or sudo to install:$missing" >&2; exit 1; }
    as_root="sudo"
}

missing_of() {
    for package in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
            "install ok installed") ;;
            *) printf ' %s' "$package" ;;
        esac
    done
}

install() {
    [ -n "$missing" ] || return 0
    become_root
    echo "installing:$missing"
    [ -n "${updated-}" ] || $as_root apt-get update -qq
    updated=yes
    # shellcheck disable=SC2086  # the list is meant to split
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Debian starts a service that it installs, and again with the machine: not ours.
install_asleep() (
    [ -n "$missing" ] || exit 0
    become_root
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap '$as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
        $as_root chmod 755 "$policy"
    fi
    install
    # shellcheck disable=SC2086  # the list is meant to split
    ! command -v systemctl >/dev/null || $as_root systemctl disable -q $missing
)

# shellcheck disable=SC2086  # the list is meant to split
missing=$(missing_of $wanted)
install

# libFuzzer and the sanitizers of clang come in a package that carries clang's version in its name.
if [ "${1-}" = --tests ]; then
    missing=$(missing_of "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev")
    install
    # shellcheck disable=SC2086  # the list is meant to split
    missing=$(missing_of $balancers)
    install_asleep
    # shellcheck disable=SC2086  # the list is meant to split
    missing=$(missing_of $runtimes)
    install || echo "install-packages: without$missing some tests are skipped" >&2
fi
