#!/bin/sh
# Makes all secrets and certificates of the demo at its first start, each into the volume of who needs it.
set -eu
umask 077
server_uid=10001
[ ! -s /server/certbound.yaml ] || { echo "pki: all is there already"; exit 0; }
work=$(mktemp -d)
cd "$work"

key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }
authority() { # NAME SUBJECT
    key "$1"
    openssl req -x509 -new -key "$1.key" -subj "$2" -days 30 -sha256 -out "$1.pem" \
        -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign
}
certificate() { # NAME AUTHORITY SUBJECT EXTENSION...
    name=$1 by=$2 subject=$3
    shift 3
    key "$name"
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
    printf '%s\n' "basicConstraints=critical,CA:false" "keyUsage=critical,digitalSignature" "$@" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA "$by.pem" -CAkey "$by.key" -CAcreateserial -days 30 -sha256 -out "$name.pem" \
        -extfile "$name.ext" 2>/dev/null
}

authority servers "/O=certbound demo/CN=Servers CA"
authority partners "/O=certbound demo/CN=Partners CA"
for server in authorization-server api directory; do
    certificate $server servers "/CN=$server" extendedKeyUsage=serverAuth "subjectAltName=DNS:$server,DNS:localhost"
done
for partner in partner-a partner-b; do
    certificate $partner partners "/C=GB/O=certbound demo partners/CN=$partner" extendedKeyUsage=clientAuth
done

# The directory vouches for partner B, and for nobody else: A is registered by the operator.
certbound directory init --dir directory >/dev/null
cp partner-b.pem organisation.pem
cat >claims.json <<JSON
{"software_id": "partner-b-software", "client_name": "Partner B", "software_roles": ["AISP", "PISP"]}
JSON

# give OWNER FOLDER FILE...: nobody holds what is not theirs; a file is there whole or not at all.
give() {
    owner=$1 folder=$2
    shift 2
    for file in "$@"; do
        install -o "$owner" -m 0600 "$file" "$folder/.new"
        mv "$folder/.new" "$folder/$(basename "$file")"
    done
}

openssl rand -hex 32 >password
give 0 /database password
give $server_uid /partner servers.pem partner-a.pem partner-a.key partner-b.pem partner-b.key
install -d -o $server_uid -m 0700 /partner/kept # what partner B is told when it registers
give $server_uid /api servers.pem api.pem api.key
install -d -o $server_uid -m 0700 /directory/software /directory/software/partner-b
give $server_uid /directory/software/partner-b claims.json organisation.pem
give $server_uid /directory directory/signer.jwks directory/signer.key directory.key directory.pem
openssl rand -base64 32 >key-encryption.key
cat >certbound.yaml <<YAML
issuer: https://authorization-server:8443
listeners:
  public:
    address: 0.0.0.0:8443
    certificate: authorization-server.pem
    private_key: authorization-server.key
  mtls:
    address: 0.0.0.0:8444
    certificate: authorization-server.pem
    private_key: authorization-server.key
    url: https://authorization-server:8444
  ops:
    address: 127.0.0.1:9090
store: postgresql://certbound:$(cat password)@database/certbound
keys:
  encryption_key_file: key-encryption.key
resources:
  - identifier: https://api:8445
    scopes: [accounts, payments]
trust_groups:
  - name: partners
    anchors: partners.pem
roles: # of the software statements
  - role: AISP
    scopes: [accounts]
  - role: PISP
    scopes: [payments]
directories:
  - name: demo
    issuer: https://directory:8446
    jwks: https://directory:8446/jwks
    trust_group: partners
outbound: # the directory is a container beside this one
  allowed_addresses: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]
  ca_file: servers.pem
YAML
# The configuration goes last: everybody waits for it.
give $server_uid /server servers.pem partners.pem partner-a.pem authorization-server.pem authorization-server.key \
    key-encryption.key
give $server_uid /server certbound.yaml
rm -rf "$work"
echo "pki: made two certification authorities, certificates, a directory, a database password and a key-encryption key"
