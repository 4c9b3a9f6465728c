"""What a CA offers so that others learn of revocations: lists, and an OCSP responder, good and bad ones."""

import datetime
import http.server
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from .pki import now
from .server import HOST

OCSP_SIGNING = ExtendedKeyUsageOID.OCSP_SIGNING
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
_numbers = iter(range(1, 1 << 30))


def seconds(n):
    return datetime.timedelta(seconds=n)


def put(path, data):
    """As an operator's cron job should: whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(data)
    fresh.rename(path)


def crl(authority, *revoked, signer=None, this_update=None, next_update=None, extensions=()):
    """A list of these identities or serial numbers, DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(this_update or now())
        .next_update(next_update or now() + seconds(3600))
        .add_extension(x509.CRLNumber(next(_numbers)), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for one in revoked:
        serial = one if isinstance(one, int) else one.certificate.serial_number
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now() - seconds(60))
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False).build())
    key = (signer or authority).private_key
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def names(crl_url=None, ocsp_url=None):
    """raw_extensions of a certificate that says where its status is."""
    found = []
    if crl_url:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
        found.append(("2.5.29.31", x509.CRLDistributionPoints([point]).public_bytes()))
    if ocsp_url:
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url))
        found.append(("1.3.6.1.5.5.7.1.1", x509.AuthorityInformationAccess([access]).public_bytes()))
    return found


class Responder:
    """Answers OCSP requests for one CA as it is told to."""

    def __init__(self, authority):
        self.authority = authority
        self.status = GOOD
        self.signer = None  # an Identity with OCSPSigning; None: the CA itself
        self.this_update = None
        self.next_update = seconds(3600)
        self.about = None  # answers for this identity, whatever was asked
        self.unsuccessful = None
        self.nonce = True
        self.sent_nonce = None  # instead of the one that was asked with
        self.asked = 0

    def answer(self, body):
        self.asked += 1
        if self.unsuccessful:
            return ocsp.OCSPResponseBuilder.build_unsuccessful(self.unsuccessful).public_bytes(
                serialization.Encoding.DER)
        request = ocsp.load_der_ocsp_request(body)
        issuer = self.authority.identity.certificate
        issuer = x509.load_der_x509_certificate(issuer.public_bytes(serialization.Encoding.DER))
        about = self.about.certificate.serial_number if self.about else request.serial_number
        subject = _stand_in(about, issuer)
        made = self.this_update or now()
        signer = self.signer.certificate if self.signer else issuer
        signer = x509.load_der_x509_certificate(signer.public_bytes(serialization.Encoding.DER))
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(cert=subject, issuer=issuer, algorithm=request.hash_algorithm, cert_status=self.status,
                          this_update=made, next_update=made + self.next_update if self.next_update else None,
                          revocation_time=now() - seconds(60) if self.status == REVOKED else None,
                          revocation_reason=None)
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
            .certificates([signer])
        )
        if self.nonce:
            sent = request.extensions.get_extension_for_class(x509.OCSPNonce).value
            builder = builder.add_extension(x509.OCSPNonce(self.sent_nonce) if self.sent_nonce else sent, critical=False)
        key = (self.signer or self.authority).private_key
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _stand_in(serial, issuer):
    """The builder wants a certificate, of which it takes the number alone."""
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(ec.SECP256R1())
    return (x509.CertificateBuilder().subject_name(issuer.subject).issuer_name(issuer.subject)
            .public_key(key.public_key()).serial_number(serial).not_valid_before(now())
            .not_valid_after(now() + seconds(60)).sign(key, hashes.SHA256()))


class StatusServer:
    """Serves bytes by path, and what callables make of a body. `delay` holds every answer up."""

    def __init__(self, tls=None):
        outer = self
        self.content = {}
        self.requests = []
        self.delay = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.do_POST()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append(self.path)
                time.sleep(outer.delay)
                found = outer.content.get(self.path)
                data = found(body) if callable(found) else found
                try:
                    self.send_response(200 if data is not None else 404)
                    self.send_header("Content-Length", str(len(data or b"")))
                    self.end_headers()
                    self.wfile.write(data or b"")
                except OSError:
                    pass  # who asked has gone

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.pem, tls.key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://{HOST}:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
