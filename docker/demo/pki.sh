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
for server in authorization-server api; do
    certificate $server servers "/CN=$server" extendedKeyUsage=serverAuth "subjectAltName=DNS:$server,DNS:localhost"
done
for partner in partner-a partner-b; do
    certificate $partner partners "/C=GB/O=certbound demo partners/CN=$partner" extendedKeyUsage=clientAuth
done

# give OWNER FOLDER FILE...: nobody holds what is not theirs; a file is there whole or not at all.
give() {
    owner=$1 folder=$2
    shift 2
    for file in "$@"; do
        install -o "$owner" -m 0600 "$file" "$folder/.new"
        mv "$folder/.new" "$folder/$file"
    done
}

openssl rand -hex 32 >password
give 0 /database password
give $server_uid /partner servers.pem partner-a.pem partner-a.key partner-b.pem partner-b.key
give $server_uid /api servers.pem api.pem api.key
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
YAML
# The configuration goes last: everybody waits for it.
give $server_uid /server partners.pem partner-a.pem partner-b.pem authorization-server.pem authorization-server.key \
    key-encryption.key
give $server_uid /server certbound.yaml
rm -rf "$work"
echo "pki: made two certification authorities, certificates, a database password and a key-encryption key"
