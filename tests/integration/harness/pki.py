"""Certificates of every kind, good and bad, made afresh for each run."""

import base64
import datetime
import hashlib
import ipaddress
import itertools
import pathlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH
SHORT_NAMES = {
    "CN": NameOID.COMMON_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "C": NameOID.COUNTRY_NAME,
    "L": NameOID.LOCALITY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "UID": NameOID.USER_ID,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "businessCategory": NameOID.BUSINESS_CATEGORY,
    "jurisdictionC": NameOID.JURISDICTION_COUNTRY_NAME,
    "organizationIdentifier": x509.ObjectIdentifier("2.5.4.97"),
}
_numbers = itertools.count(1)


def name(*rdns):
    """name(("C", "XX"), [("CN", "a"), ("UID", "1")]): RDNs in DER order, a list for a multi-valued one."""
    return x509.Name(
        x509.RelativeDistinguishedName(
            x509.NameAttribute(SHORT_NAMES[kind], value) for kind, value in (rdn if isinstance(rdn, list) else [rdn])
        )
        for rdn in rdns
    )


def days(n):
    return datetime.timedelta(days=n)


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)


def der_length(n):
    if n < 0x80:
        return bytes([n])
    size = (n.bit_length() + 7) // 8
    return bytes([0x80 | size]) + n.to_bytes(size, "big")


def der(tag, content):
    return bytes([tag]) + der_length(len(content)) + content


@dataclass
class Identity:
    """A certificate with its key and what is sent along, in files that curl and OpenSSL take."""

    certificate: x509.Certificate
    private_key: object
    pem: pathlib.Path  # the certificate, then its chain
    key: pathlib.Path

    @property
    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def x5t(self):
        from .jose import b64url
        return b64url(self.certificate.fingerprint(hashes.SHA256()))

    @property
    def subject(self):
        return self.certificate.subject.rfc4514_string()

    @property
    def not_after(self):
        return self.certificate.not_valid_after.strftime("%Y-%m-%dT%H:%M:%SZ")


class Pki:
    """Writes everything below one private folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _write(self, stem, suffix, data):
        path = self.folder / f"{stem}{suffix}"
        path.touch(mode=0o600)
        path.write_bytes(data)
        return path

    def _identity(self, stem, certificate_der, private_key, chain=()):
        stem = f"{next(_numbers):03}-{stem}"
        pem = b"".join(pem_of(c) for c in (certificate_der, *chain))
        key_pem = private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Identity(
            certificate=_Lazy(certificate_der),
            private_key=private_key,
            pem=self._write(stem, ".pem", pem),
            key=self._write(stem, ".key", key_pem),
        )

    def authority(self, common_name, **options):
        return Authority(self, common_name, **options)

    def self_signed(self, common_name, **options):
        key = options.pop("private_key", None) or ec.generate_private_key(ec.SECP256R1())
        subject = options.pop("subject", None) or name(("CN", common_name))
        builder = _builder(subject, subject, key.public_key(), **options)
        certificate = builder.sign(key, hashes.SHA256())
        return self._identity(common_name, certificate.public_bytes(serialization.Encoding.DER), key)


class _Lazy:
    """A certificate that is parsed only when it is asked about: some of ours do not parse, by design."""

    def __init__(self, certificate_der):
        self._der = certificate_der

    def public_bytes(self, _encoding):
        return self._der

    def fingerprint(self, algorithm):
        digest = hashes.Hash(algorithm)
        digest.update(self._der)
        return digest.finalize()

    def __getattr__(self, attribute):
        return getattr(x509.load_der_x509_certificate(self._der), attribute)


def pem_of(certificate_der):
    import base64
    import textwrap
    body = "\n".join(textwrap.wrap(base64.b64encode(certificate_der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()


def general_names(sans):
    """{"dns": [...], "uri": [...], "ip": [...], "email": [...]} as a SubjectAltName."""
    made = {
        "dns": x509.DNSName,
        "uri": x509.UniformResourceIdentifier,
        "ip": lambda text: x509.IPAddress(ipaddress.ip_address(text)),
        "email": x509.RFC822Name,
    }
    return x509.SubjectAlternativeName([made[kind](value) for kind, values in sans.items() for value in values])


def _builder(subject, issuer, public_key, *, not_before=None, not_after=None, eku=(CLIENT_AUTH,), sans=None,
             is_authority=False,
             usage=None,
             raw_extensions=()):
    """raw_extensions: pairs of dotted OID and DER."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before or now() - days(1))
        .not_valid_after(not_after or now() + days(30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if is_authority:
        # Some CAs may sign other things, too; a TLS library does not even take the others for a peer.
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    elif usage:
        builder = builder.add_extension(usage, critical=True)
    if eku and not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(eku)), critical=False)
    if sans:
        builder = builder.add_extension(general_names(sans), critical=False)
    for oid, value in raw_extensions:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical=False)
    return builder


def key_hash(authority):
    """What a client pins its issuer by."""
    spki = authority.private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.urlsafe_b64encode(hashlib.sha256(spki).digest()).rstrip(b"=").decode()


class Authority:
    def __init__(self, pki, common_name, *, issuer=None, private_key=None, subject=None, **options):
        self.pki = pki
        self.private_key = private_key or ec.generate_private_key(ec.SECP256R1())
        self.subject = subject or name(("O", "Test"), ("CN", common_name))
        signer, issuer_name = (issuer.private_key, issuer.subject) if issuer else (self.private_key, self.subject)
        builder = _builder(self.subject, issuer_name, self.private_key.public_key(), is_authority=True, **options)
        certificate = builder.sign(signer, hashes.SHA256())
        self.chain = (self.der_of(certificate), *(issuer.chain if issuer and issuer.issuer else ())) if issuer else ()
        self.issuer = issuer
        self.identity = pki._identity(common_name, self.der_of(certificate), self.private_key)

    @staticmethod
    def der_of(certificate):
        return certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self):
        return self.identity.pem

    def issue(self, common_name, *, subject=None, private_key=None, patch=None, digest=None, send_chain=True, **options):
        """A leaf. patch=(old, new) of equal length changes bytes of the certificate before it is signed."""
        key = private_key or ec.generate_private_key(ec.SECP256R1())
        subject = subject if subject is not None else name(("O", "Test"), ("CN", common_name))
        builder = _builder(subject, self.subject, key.public_key(), **options)
        if SERVER_AUTH in options.get("eku", ()):
            # What OpenSSL's strict mode, Python 3.13's default, wants of a server.
            issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private_key.public_key())
            builder = builder.add_extension(issuer, critical=False)
        certificate = self.der_of(builder.sign(self.private_key, digest or hashes.SHA256()))
        if patch:
            certificate = self._patched(certificate, *patch)
        return self.pki._identity(common_name, certificate, key, self.chain if send_chain else ())

    def _patched(self, certificate_der, old, new):
        parsed = x509.load_der_x509_certificate(certificate_der)
        body = parsed.tbs_certificate_bytes
        assert len(old) == len(new) and old in body
        body = body.replace(old, new)
        signature = self.private_key.sign(body, ec.ECDSA(hashes.SHA256()))
        algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256
        return der(0x30, body + algorithm + der(0x03, b"\0" + signature))


def weak_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)
