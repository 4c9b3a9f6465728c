#!/bin/sh
# The partners' story, step by step: A was registered by the operator, B registers itself. Ends with status 0 when every step went as it should.
set -eu
cd /partner
issuer=https://authorization-server:8443
token_endpoint=https://authorization-server:8444/token
api=https://api:8445
directory=https://directory:8446

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

call() { # call NAME: the API with that certificate and $token
    as "$1" -o /tmp/body -D /tmp/headers -w '%{http_code}' -H "Authorization: Bearer $token" $api/accounts
}
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

# The directory may start later than the server that asks for its keys; 503 says when to come again.
statement=$(as partner-b --retry 60 --retry-delay 1 --retry-all-errors --fail $directory/software/partner-b/statement) ||
    fail "no software statement"
stranger=$(as partner-a $directory/software/partner-b/statement | field error)
[ "$stranger" = access_denied ] || fail "the directory gives partner-a: $stranger"
say "6. $directory gave partner-b its software statement, and partner-a none"

register() {
    as partner-b --retry 10 --fail-with-body -H 'Content-Type: application/json' -o kept/answer --data @- "$1" <<JSON
{"software_statement": "$statement", "token_endpoint_auth_method": "tls_client_auth",
 "tls_client_auth_subject_dn": "CN=partner-b,O=certbound demo partners,C=GB", "scope": "accounts payments"}
JSON
}
# Once: at the next start of the demo it is registered already.
if [ ! -s kept/registration ]; then
    register https://authorization-server:8444/register 2>/tmp/why ||
        fail "not registered: $(field error_description <kept/answer) $(cat /tmp/why)"
    mv kept/answer kept/registration
fi
client_id=$(field client_id <kept/registration)
say "7. partner-b registered itself; the server calls it $client_id"

token=$(as partner-b -d grant_type=client_credentials -d "client_id=$client_id" -d scope=accounts $token_endpoint | field access_token)
[ -n "$token" ] || fail "no token for $client_id"
status=$(call partner-b)
[ "$status" = 200 ] || fail "status $status with partner-b's own token"
say "8. $api with a token of its own and partner-b's certificate: 200"
status=$(call partner-a)
[ "$status" = 401 ] || fail "status $status with partner-b's token and another certificate"
say "9. $api with that token and partner-a's certificate: 401"
say "the story is told"
