"""Leaves as open-banking schemes issue them: eIDAS/PSD2, UK Open Banking, Open Finance Brazil.

Every maker takes an Authority and what its certificates say of the partner; further options go to Authority.issue.
"""

import uuid

from cryptography import x509

from .pki import CLIENT_AUTH, SERVER_AUTH, der, name

QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
QC_COMPLIANCE = "0.4.0.1862.1.1"
QC_TYPE = "0.4.0.1862.1.6"
ESIGN, ESEAL, WEB = (f"{QC_TYPE}.{n}" for n in (1, 2, 3))
PSD2 = "0.4.0.19495.2"
ROLES = {f"PSP_{word}": f"0.4.0.19495.1.{n}" for n, word in enumerate(("AS", "PI", "AI", "IC"), 1)}

SIGNS = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
SIGNS_AND_COMMITS = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
SIGNS_AND_WRAPS = x509.KeyUsage(True, False, True, False, False, False, False, False, False)


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for number in (first * 40 + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.insert(0, number & 0x7F | 0x80)
        content += bytes(septets)
    return der(0x06, bytes(content))


def sequence(*parts):
    return der(0x30, b"".join(parts))


def utf8(text):
    return der(0x0C, text if isinstance(text, bytes) else text.encode())


def psd2_statement(roles, nca_id, nca_name="Authority"):
    """`roles` are names, or pairs of an OID and whatever name shall stand with it."""
    pairs = [(ROLES[r], r) if isinstance(r, str) else r for r in roles]
    return sequence(oid(PSD2), sequence(sequence(*(sequence(oid(o), utf8(n)) for o, n in pairs)), utf8(nca_name),
                                        utf8(nca_id)))


def qc_statements(*, types=(WEB,), roles=("PSP_AI",), nca_id="GB-FCA", more=()):
    """The value of the extension. types or roles None: that statement is left out; `more`: further statements."""
    statements = [sequence(oid(QC_COMPLIANCE))]
    if types is not None:
        statements.append(sequence(oid(QC_TYPE), sequence(*map(oid, types))))
    if roles is not None:
        statements.append(psd2_statement(roles, nca_id))
    return sequence(*statements, *more)


def _psd2(authority, organisation, types, roles, nca_id, statements, **options):
    """The authority of the organizationIdentifier stands in the statement too, unless nca_id says otherwise."""
    country, nca = organisation[3:].split("-")[:2]
    value = statements or qc_statements(types=types, roles=roles, nca_id=nca_id or f"{country}-{nca}")
    options.setdefault("subject", name(("C", country), ("O", "Test"), ("organizationIdentifier", organisation),
                                       ("CN", "tpp.example")))
    return authority.issue("psd2", raw_extensions=[(QC_STATEMENTS, value)], **options)


def qwac(authority, organisation="PSDDE-BAFIN-123456", *, roles=("PSP_AI",), types=(WEB,), nca_id=None, statements=None,
         **options):
    """A qualified website certificate. `statements` replaces the extension's value."""
    return _psd2(authority, organisation, types, roles, nca_id, statements,
                 **{"eku": [CLIENT_AUTH, SERVER_AUTH], "usage": SIGNS} | options)


def qsealc(authority, organisation="PSDDE-BAFIN-123456", *, roles=("PSP_AI",), **options):
    """A qualified seal certificate: its subject may be a QWAC's, and it is no TLS identity."""
    return _psd2(authority, organisation, (ESEAL,), roles, None, None,
                 **{"eku": [], "usage": SIGNS_AND_COMMITS} | options)


def obwac(authority, org_id="0015800001041REAAY", organisation="PSDGB-FCA-795791", *, roles=("PSP_AI",), types=(WEB,),
          nca_id=None, statements=None, **options):
    """UK Open Banking's website certificate. Without roles it carries no PSD2 statement."""
    options.setdefault("subject", name(("C", "GB"), ("O", "Test"), ("organizationIdentifier", organisation),
                                       ("CN", org_id)))
    return _psd2(authority, organisation, types, roles or None, nca_id, statements,
                 **{"eku": [CLIENT_AUTH, SERVER_AUTH], "usage": SIGNS} | options)


def ob_legacy(authority, org_id="0015800001041REAAY", software_id="2XBJp5VLKZqMTTn0xUd4Lh", **options):
    """The older transport certificate of the UK directory."""
    subject = name(("C", "GB"), ("O", "OpenBanking"), ("OU", org_id), ("CN", software_id))
    return authority.issue("ob", **{"subject": subject, "eku": [CLIENT_AUTH, SERVER_AUTH], "usage": SIGNS} | options)


def brcac(authority, org_id=None, software_id=None, domain="api.banco.example", **options):
    """Open Finance Brazil's transport certificate; org_id and software_id are UUIDs."""
    subject = name(("businessCategory", "Private Organization"), ("jurisdictionC", "BR"),
                   ("serialNumber", "43142666000197"), ("C", "BR"), ("O", "Banco do Teste"), ("ST", "SP"),
                   ("L", "Sao Paulo"), ("organizationIdentifier", f"OFBBR-{org_id or uuid.uuid4()}"),
                   ("UID", software_id or str(uuid.uuid4())), ("CN", domain))
    return authority.issue("brcac", **{"subject": subject, "sans": {"dns": [domain]}, "usage": SIGNS_AND_WRAPS} | options)
