#include "cert/attributes.h"

static const struct cb_attribute attributes[] = {
    { "2.5.4.3", "CN", { "commonName" } },
    { "2.5.4.7", "L", { "localityName" } },
    { "2.5.4.8", "ST", { "S", "stateOrProvinceName" } },
    { "2.5.4.10", "O", { "organizationName" } },
    { "2.5.4.11", "OU", { "organizationalUnitName" } },
    { "2.5.4.6", "C", { "countryName" } },
    { "2.5.4.9", "STREET", { "streetAddress" } },
    { "0.9.2342.19200300.100.1.25", "DC", { "domainComponent" } },
    { "0.9.2342.19200300.100.1.1", "UID", { "userId" } },
    { "2.5.4.4", NULL, { "SN", "surname" } },
    { "2.5.4.5", NULL, { "serialNumber" } },
    { "2.5.4.12", NULL, { "title", "T" } },
    { "2.5.4.13", NULL, { "description" } },
    { "2.5.4.15", NULL, { "businessCategory" } },
    { "2.5.4.16", NULL, { "postalAddress" } },
    { "2.5.4.17", NULL, { "postalCode" } },
    { "2.5.4.18", NULL, { "postOfficeBox" } },
    { "2.5.4.20", NULL, { "telephoneNumber" } },
    { "2.5.4.41", NULL, { "name" } },
    { "2.5.4.42", NULL, { "GN", "givenName" } },
    { "2.5.4.43", NULL, { "initials" } },
    { "2.5.4.44", NULL, { "generationQualifier", "generation" } },
    { "2.5.4.46", NULL, { "dnQualifier", "dnq" } },
    { "2.5.4.51", NULL, { "houseIdentifier" } },
    { "2.5.4.65", NULL, { "pseudonym" } },
    { "2.5.4.97", NULL, { "organizationIdentifier" } },
    { "1.2.840.113549.1.9.1", NULL, { "emailAddress", "E", "email" } },
    { "1.2.840.113549.1.9.2", NULL, { "unstructuredName" } },
    { "1.2.840.113549.1.9.8", NULL, { "unstructuredAddress" } },
    { "0.9.2342.19200300.100.1.3", NULL, { "mail", "rfc822Mailbox" } },
    { "1.3.6.1.4.1.311.60.2.1.1",
      NULL,
      { "jurisdictionL", "jurisdictionLocalityName", "jurisdictionOfIncorporationLocalityName" } },
    { "1.3.6.1.4.1.311.60.2.1.2",
      NULL,
      { "jurisdictionST", "jurisdictionStateOrProvinceName",
        "jurisdictionOfIncorporationStateOrProvinceName" } },
    { "1.3.6.1.4.1.311.60.2.1.3",
      NULL,
      { "jurisdictionC", "jurisdictionCountryName", "jurisdictionOfIncorporationCountryName" } },
};

const struct cb_attribute *cb_attribute_by_oid(struct cb_str oid)
{
    for (size_t i = 0; i < CB_COUNT(attributes); i++) {
        if (cb_str_is(oid, attributes[i].oid)) {
            return &attributes[i];
        }
    }
    return NULL;
}

static bool is_called(const struct cb_attribute *a, struct cb_str name)
{
    if (a->rfc4514 != NULL && cb_str_eq_nocase(name, cb_str_of(a->rfc4514))) {
        return true;
    }
    for (size_t i = 0; i < CB_COUNT(a->also_known) && a->also_known[i] != NULL; i++) {
        if (cb_str_eq_nocase(name, cb_str_of(a->also_known[i]))) {
            return true;
        }
    }
    return false;
}

const struct cb_attribute *cb_attribute_by_name(struct cb_str name)
{
    for (size_t i = 0; i < CB_COUNT(attributes); i++) {
        if (is_called(&attributes[i], name)) {
            return &attributes[i];
        }
    }
    return NULL;
}
