#include "cert/qc.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "cert/der.h"
#include "cert/organisation.h"

/* All OIDs here are the content of their DER. */
#define OID_QC_STATEMENTS CB_STR("\x2b\x06\x01\x05\x05\x07\x01\x03")

enum { TEXT_MAX = 256 }; /* characters of nCAName, nCAId and the name of a role */

/* --- roles --- */

static const struct {
    struct cb_str oid; /* 0.4.0.19495.1.n */
    const char *name;
} psp_roles[CB_PSP__MAX] = {
    [CB_PSP_NONE] = { { NULL, 0 }, "" },
    [CB_PSP_ACCOUNT_SERVICING] = { { "\x04\x00\x81\x98\x27\x01\x01", 7 }, "PSP_AS" },
    [CB_PSP_PAYMENT_INITIATION] = { { "\x04\x00\x81\x98\x27\x01\x02", 7 }, "PSP_PI" },
    [CB_PSP_ACCOUNT_INFORMATION] = { { "\x04\x00\x81\x98\x27\x01\x03", 7 }, "PSP_AI" },
    [CB_PSP_CARD_INSTRUMENTS] = { { "\x04\x00\x81\x98\x27\x01\x04", 7 }, "PSP_IC" },
};

const char *cb_psp_role_name(enum cb_psp_role r)
{
    return r < CB_PSP__MAX ? psp_roles[r].name : "";
}

static size_t characters_in(struct cb_str utf8)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.n; i++) {
        n += ((unsigned char)utf8.p[i] & 0xc0) != 0x80;
    }
    return n;
}

/* UTF8String (SIZE (1..256)), without what could hide in a log line. */
static bool is_text(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) {
            return false;
        }
    }
    return s.n > 0 && cb_utf8_valid(s) && characters_in(s) <= TEXT_MAX;
}

/* RoleOfPSP ::= SEQUENCE { roleOfPspOid OBJECT IDENTIFIER, roleOfPspName UTF8String } */
static cb_status read_role(struct cb_str *list, struct cb_qc *qc, struct cb_err *err)
{
    struct cb_str role = { 0 }, oid = { 0 }, name = { 0 };
    CB_ENSURE(cb_der_take(list, CB_DER_SEQUENCE, &role) && cb_der_take(&role, CB_DER_OID, &oid) &&
                  cb_der_take(&role, CB_DER_UTF8_STRING, &name) && role.n == 0 && cb_der_is_oid(oid),
              CB_E_CERT_QC_STATEMENTS, "a role of the PSD2 statement does not decode");
    CB_ENSURE(is_text(name), CB_E_CERT_QC_STATEMENTS,
              "the name of a role is not 1 to %d characters of plain UTF-8", TEXT_MAX);
    for (enum cb_psp_role r = CB_PSP_ACCOUNT_SERVICING; r < CB_PSP__MAX; r++) {
        const bool by_oid = cb_str_eq(oid, psp_roles[r].oid);
        const bool by_name = cb_str_is(name, psp_roles[r].name);
        CB_ENSURE(by_oid == by_name, CB_E_CERT_ROLE, "a role is %s by its %s and something else by its %s",
                  psp_roles[r].name, by_oid ? "OID" : "name", by_oid ? "name" : "OID");
        qc->roles |= by_oid ? 1U << r : 0;
    }
    return CB_OK;
}

/* --- statements: the information of each, up to its end --- */

/* PSD2QcType ::= SEQUENCE { rolesOfPSP SEQUENCE OF RoleOfPSP, nCAName UTF8String, nCAId UTF8String } */
static cb_status read_psd2(struct cb_str info, struct cb_qc *qc, struct cb_err *err)
{
    struct cb_str psd2 = { 0 }, roles = { 0 };
    CB_ENSURE(cb_der_take(&info, CB_DER_SEQUENCE, &psd2) && info.n == 0 &&
                  cb_der_take(&psd2, CB_DER_SEQUENCE, &roles) &&
                  cb_der_take(&psd2, CB_DER_UTF8_STRING, &qc->authority_name) &&
                  cb_der_take(&psd2, CB_DER_UTF8_STRING, &qc->authority_id) && psd2.n == 0,
              CB_E_CERT_QC_STATEMENTS, "the PSD2 statement does not decode");
    CB_ENSURE(is_text(qc->authority_name), CB_E_CERT_QC_STATEMENTS,
              "nCAName is not 1 to %d characters of plain UTF-8", TEXT_MAX);
    CB_ENSURE(cb_is_authority_id(qc->authority_id), CB_E_CERT_QC_STATEMENTS,
              "nCAId is not a country, a hyphen and 2 to 8 capital letters");
    CB_ENSURE(roles.n > 0, CB_E_CERT_ROLE, "the PSD2 statement names no role");
    while (roles.n > 0) {
        CB_TRY(read_role(&roles, qc, err));
    }
    qc->has_psd2 = true;
    return CB_OK;
}

/* QcType ::= SEQUENCE OF OBJECT IDENTIFIER, 0.4.0.1862.1.6.n */
static cb_status read_types(struct cb_str info, struct cb_qc *qc, struct cb_err *err)
{
    const struct cb_str arc = CB_STR("\x04\x00\x8e\x46\x01\x06");
    struct cb_str types = { 0 }, oid = { 0 };
    CB_ENSURE(cb_der_take(&info, CB_DER_SEQUENCE, &types) && info.n == 0 && types.n > 0,
              CB_E_CERT_QC_STATEMENTS, "QcType does not decode or is empty");
    while (types.n > 0) {
        CB_ENSURE(cb_der_take(&types, CB_DER_OID, &oid) && cb_der_is_oid(oid), CB_E_CERT_QC_STATEMENTS,
                  "QcType does not decode");
        const bool known =
            cb_str_starts(oid, arc) && oid.n == arc.n + 1 && oid.p[arc.n] >= 1 && oid.p[arc.n] <= 3;
        qc->types |= known ? 1U << (oid.p[arc.n] - 1) : 0;
    }
    qc->has_types = true;
    return CB_OK;
}

static cb_status read_compliance(struct cb_str info, struct cb_qc *qc, struct cb_err *err)
{
    CB_ENSURE(info.n == 0, CB_E_CERT_QC_STATEMENTS, "QcCompliance carries information");
    qc->compliance = true;
    return CB_OK;
}

enum statement { COMPLIANCE, TYPES, PSD2, STATEMENT__MAX };

static const struct {
    struct cb_str oid;
    cb_status (*read)(struct cb_str info, struct cb_qc *qc, struct cb_err *err);
} statements[STATEMENT__MAX] = {
    [COMPLIANCE] = { { "\x04\x00\x8e\x46\x01\x01", 6 }, read_compliance }, /* 0.4.0.1862.1.1 */
    [TYPES] = { { "\x04\x00\x8e\x46\x01\x06", 6 }, read_types },           /* 0.4.0.1862.1.6 */
    [PSD2] = { { "\x04\x00\x81\x98\x27\x02", 6 }, read_psd2 },             /* 0.4.0.19495.2 */
};

/* QCStatement ::= SEQUENCE { statementId OBJECT IDENTIFIER, statementInfo ANY OPTIONAL } */
static cb_status read_statement(struct cb_str *list, unsigned *seen, struct cb_qc *qc, struct cb_err *err)
{
    struct cb_str statement = { 0 }, oid = { 0 }, ignored = { 0 };
    CB_ENSURE(cb_der_take(list, CB_DER_SEQUENCE, &statement) && cb_der_take(&statement, CB_DER_OID, &oid) &&
                  cb_der_is_oid(oid),
              CB_E_CERT_QC_STATEMENTS, "a statement does not decode");
    struct cb_str rest = statement;
    CB_ENSURE(rest.n == 0 || (cb_der_take_any(&rest, &ignored) && rest.n == 0), CB_E_CERT_QC_STATEMENTS,
              "the information of a statement does not decode");
    for (enum statement s = COMPLIANCE; s < STATEMENT__MAX; s++) {
        if (cb_str_eq(oid, statements[s].oid)) {
            CB_ENSURE((*seen & 1U << s) == 0, CB_E_CERT_QC_STATEMENTS, "a statement is there twice");
            *seen |= 1U << s;
            return statements[s].read(statement, qc, err);
        }
    }
    return CB_OK;
}

cb_status cb_qc_read(struct cb_str der, struct cb_qc *out, struct cb_err *err)
{
    struct cb_qc qc = { .roles = 0 };
    struct cb_str list = { 0 };
    unsigned seen = 0;
    CB_ENSURE(cb_der_take(&der, CB_DER_SEQUENCE, &list), CB_E_CERT_QC_STATEMENTS,
              "the qcStatements do not decode");
    CB_ENSURE(der.n == 0, CB_E_CERT_QC_STATEMENTS, "%zu bytes stand behind the qcStatements", der.n);
    CB_ENSURE(list.n > 0, CB_E_CERT_QC_STATEMENTS, "the qcStatements are empty");
    while (list.n > 0) {
        CB_TRY(read_statement(&list, &seen, &qc, err));
    }
    *out = qc;
    return CB_OK;
}

cb_status cb_cert_qc(const struct cb_cert *c, bool *out_stated, struct cb_qc *out, struct cb_err *err)
{
    const struct cb_extension *e = cb_cert_extension(c, OID_QC_STATEMENTS);
    struct cb_qc qc = { .roles = 0 };
    if (e != NULL) {
        CB_TRY(cb_qc_read(e->value, &qc, err));
    }
    *out_stated = e != NULL;
    *out = qc;
    return CB_OK;
}
