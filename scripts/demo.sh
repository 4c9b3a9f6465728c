#!/bin/sh
# certbound in one command: the authorization server and an example API on this machine, a partner that gets a
# certificate-bound token, and what becomes of that token with the right certificate and with a wrong one.
#
#   scripts/demo.sh                    prints each step and stays up, with lines to paste, until Ctrl-C
#   scripts/demo.sh --check            runs the same story, asserts every step, stops all; exit status 0 or 1
#   scripts/demo.sh --port N           metadata on N, mutual TLS on N+1, the API on N+2, health on N+3 (8443)
#   scripts/demo.sh --dir DIR          keeps keys, store and logs in DIR instead of a folder that is removed
set -eu

usage() {
    sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
}

check=false port=8443 dir=
while [ $# -gt 0 ]; do
    case $1 in
        --check) check=true port=$((20000 + $$ % 20000)) ;;
        --port) port=${2:?--port needs a number}; shift ;;
        --dir) dir=${2:?--dir needs a folder}; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
[ -z "$dir" ] || dir=$(realpath -m "$dir")
cd "$(dirname "$0")/.."

if [ -t 1 ]; then bold='\033[1m' green='\033[32m' red='\033[31m' plain='\033[0m'; else bold='' green='' red='' plain=''; fi
step() { printf "\n${bold}%s${plain}\n" "$*"; }
good() { printf "  ${green}ok${plain}  %s\n" "$*"; }
fail() {
    printf "  ${red}failed${plain}  %s\n" "$*" >&2
    for log in authorization-server api; do
        [ ! -s "$logs/$log.log" ] || { echo "--- last lines of the $log" >&2; tail -n 5 "$logs/$log.log" >&2; }
    done
    exit 1
}

# --- what is started is stopped, however this ends

logs=$(mktemp -d "${TMPDIR:-/tmp}/certbound-demo.XXXXXX")
started=
stop_all() {
    status=$?
    trap - EXIT INT TERM HUP
    for pid in $started; do kill "$pid" 2>/dev/null || true; done
    for pid in $started; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$logs"
    exit $status
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# until_true WHAT PID COMMAND...: asks for 15 s; the process must live meanwhile.
until_true() {
    what=$1 pid=$2 tries=150
    shift 2
    until "$@"; do
        kill -0 "$pid" 2>/dev/null || fail "$what ended"
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "$what is not ready after 15 s"
        sleep 0.1
    done
}

# --- the story

step "1. Build"
scripts/install-packages.sh
[ -f build/release/build.ninja ] || cmake --preset release -DBUILD_TESTING=OFF >/dev/null
cmake --build --preset release --target certbound resource-server >"$logs/build.log" 2>&1 || { cat "$logs/build.log"; fail "the build"; }
good "build/release/bin/certbound and build/release/bin/resource-server"

dir=${dir:-$logs/dev}
issuer=https://localhost:$port
api=https://localhost:$((port + 2))
token_endpoint=https://localhost:$((port + 1))/token

step "2. Start the authorization server: certbound dev"
build/release/bin/certbound dev --dir "$dir" --port "$port" >"$logs/ready" 2>"$logs/authorization-server.log" </dev/null &
server=$!
started=$server
until_true "the authorization server" $server grep -qx ready "$logs/ready"
good "a CA, certificates of the server, partner-a and partner-b, and an SQLite store are in $dir"
good "$issuer serves metadata and keys, $token_endpoint wants a client certificate"

step "3. Start the example API, which links the verifier library"
build/release/bin/resource-server --listen "127.0.0.1:$((port + 2))" --certificate "$dir/server.pem" \
    --private-key "$dir/server.key" --issuer "$issuer" --audience "$api" --jwks "$issuer/jwks" --ca "$dir/ca.pem" \
    >"$logs/api.log" 2>&1 </dev/null &
example=$!
started="$started $example"
answers() { curl -s -o /dev/null --noproxy '*' --cacert "$dir/ca.pem" "$api/"; }
until_true "the API" $example answers
good "$api"

partner() { # partner NAME CURL-ARGUMENTS...
    name=$1
    shift
    curl -sS --noproxy '*' --max-time 10 --cacert "$dir/ca.pem" --cert "$dir/$name.pem" --key "$dir/$name.key" "$@"
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

step "4. partner-a asks for a token with its certificate"
reply=$(partner partner-a -d grant_type=client_credentials -d client_id=partner-a -d scope=accounts "$token_endpoint") ||
    fail "no answer from $token_endpoint"
token=$(printf '%s' "$reply" | field access_token)
[ -n "$token" ] || fail "no token: $reply"
good "got a token for scope $(printf '%s' "$reply" | field scope), good for $(printf '%s' "$reply" | field expires_in) s"
bound=$(printf '%s' "$token" | cut -d. -f2 | tr '_-' '/+' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' |
    base64 -d | field 'x5t#S256')
thumbprint=$(openssl x509 -in "$dir/partner-a.pem" -outform DER | openssl dgst -sha256 -binary | base64 | tr '/+' '_-' | tr -d '=')
[ "$bound" = "$thumbprint" ] || fail "the token is bound to $bound, the certificate is $thumbprint"
good "it is bound to the certificate: cnf.x5t#S256 = $bound"

call() { # call NAME -> status, and the headers in $logs/headers
    partner "$1" -o "$logs/body" -D "$logs/headers" -w '%{http_code}' -H "Authorization: Bearer $token" "$api/accounts"
}

step "5. The API, with the token and partner-a's certificate"
status=$(call partner-a) || fail "no answer from $api"
[ "$status" = 200 ] || fail "status $status instead of 200: $(cat "$logs/body")"
good "200: $(head -c 200 "$logs/body")"

step "6. The API, with the same token and partner-b's certificate"
status=$(call partner-b) || fail "no answer from $api"
[ "$status" = 401 ] || fail "status $status instead of 401: $(cat "$logs/body")"
challenge=$(tr -d '\r' <"$logs/headers" | sed -n 's/^[Ww][Ww][Ww]-[Aa]uthenticate: //p')
case $challenge in
    Bearer*'error="invalid_token"'*) good "401: $challenge" ;;
    *) fail "the challenge is: $challenge" ;;
esac

step "7. partner-b's certificate does not get partner-a a token either"
reply=$(partner partner-b -d grant_type=client_credentials -d client_id=partner-a "$token_endpoint") ||
    fail "no answer from $token_endpoint"
[ "$(printf '%s' "$reply" | field error)" = invalid_client ] || fail "the answer is: $reply"
good "$(printf '%s' "$reply" | field error): $(printf '%s' "$reply" | field error_description)"

step "8. partner-b registered itself, with a software statement of the demo directory"
until_true "partner-b's registration" $server test -s "$dir/partner-b.registration"
client_id=$(field client_id <"$dir/partner-b.registration")
reply=$(partner partner-b -d grant_type=client_credentials -d client_id="$client_id" -d scope=accounts "$token_endpoint") ||
    fail "no answer from $token_endpoint"
[ -n "$(printf '%s' "$reply" | field access_token)" ] || fail "no token: $reply"
good "the server called it $client_id, and gives it tokens bound to its own certificate"

if $check; then
    step "All as it should be."
    exit 0
fi

cat <<PASTE

Both servers stay up until Ctrl-C. To try it yourself, in another terminal:

  cd $dir
  curl --cacert ca.pem $issuer/.well-known/oauth-authorization-server
  TOKEN=\$(curl -s --cacert ca.pem --cert partner-a.pem --key partner-a.key \\
    -d grant_type=client_credentials -d client_id=partner-a $token_endpoint | sed 's/.*"access_token":"\([^"]*\).*/\1/')
  curl -i --cacert ca.pem --cert partner-a.pem --key partner-a.key -H "Authorization: Bearer \$TOKEN" $api/accounts
  curl -i --cacert ca.pem --cert partner-b.pem --key partner-b.key -H "Authorization: Bearer \$TOKEN" $api/accounts

  tail -f $logs/authorization-server.log     # one audit line for each token issued or refused
PASTE
while kill -0 $server 2>/dev/null && kill -0 $example 2>/dev/null; do sleep 1; done
fail "a server ended by itself"
