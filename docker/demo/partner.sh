#!/bin/sh
# The partner's story, step by step. Ends with status 0 when every step went as it should.
set -eu
cd /partner
issuer=https://authorization-server:8443
token_endpoint=https://authorization-server:8444/token
api=https://api:8445

say() { echo "partner: $*"; }
fail() { say "FAILED: $*"; exit 1; }
as() { # as NAME CURL-ARGUMENTS...
    name=$1
    shift
    curl -sS --max-time 10 --cacert servers.pem --cert "$name.pem" --key "$name.key" "$@"
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

# Nobody says in which order the containers start: the partner, too, waits for what it needs.
tries=0
until token=$(as partner-a -d grant_type=client_credentials -d client_id=partner-a -d scope=accounts $token_endpoint 2>/dev/null |
    field access_token) && [ -n "$token" ] && as partner-a -o /dev/null $api/ 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "no token after ten minutes"
    sleep 1
done
say "1. $issuer gave partner-a a token for scope accounts"

bound=$(printf '%s' "$token" | cut -d. -f2 | tr '_-' '/+' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | base64 -d |
    field 'x5t#S256')
thumbprint=$(openssl x509 -in partner-a.pem -outform DER | openssl dgst -sha256 -binary | base64 | tr '/+' '_-' | tr -d '=')
[ "$bound" = "$thumbprint" ] || fail "bound to $bound, the certificate is $thumbprint"
say "2. it is bound to partner-a's certificate: cnf.x5t#S256 = $bound"

call() { as "$1" -o /tmp/body -D /tmp/headers -w '%{http_code}' -H "Authorization: Bearer $token" $api/accounts; }
status=$(call partner-a)
[ "$status" = 200 ] || fail "status $status with the right certificate"
say "3. $api with partner-a's certificate: 200"

status=$(call partner-b)
[ "$status" = 401 ] || fail "status $status with another certificate"
grep -qi '^www-authenticate: Bearer.*error="invalid_token"' /tmp/headers || fail "no invalid_token in the challenge"
say "4. $api with the same token and partner-b's certificate: 401 invalid_token"

error=$(as partner-b -d grant_type=client_credentials -d client_id=partner-a $token_endpoint | field error)
[ "$error" = invalid_client ] || fail "partner-b as partner-a: $error"
say "5. partner-b's certificate as partner-a: invalid_client"
say "the story is told"
