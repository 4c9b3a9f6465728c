/* What a text value must look like. Each says what is wrong, in words that fit behind "`key` "; NULL: nothing
 * is. */
#ifndef CB_CONFIG_SHAPE_H
#define CB_CONFIG_SHAPE_H

#include "base/limits.h"
#include "base/str.h"

const char *cb_wrong_issuer(struct cb_str text);   /* RFC 8414 section 2 */
const char *cb_wrong_origin(struct cb_str text);   /* scheme, host and port alone */
const char *cb_wrong_address(struct cb_str text);  /* HOST:PORT to listen on */
const char *cb_wrong_resource(struct cb_str text); /* RFC 8707 section 2: absolute URI, no fragment */
const char *cb_wrong_scope(struct cb_str text);    /* scope-token, RFC 6749 section 3.3 */
const char *cb_wrong_name(struct cb_str text);
const char *cb_wrong_address_or_socket(struct cb_str text);
const char *cb_wrong_network(struct cb_str text);    /* an address, or CIDR without host bits */
const char *cb_wrong_host(struct cb_str text);       /* a host name or address, no port */
const char *cb_wrong_url(struct cb_str text);        /* http or https, with a host, no user or fragment */
const char *cb_wrong_source(struct cb_str text);     /* a path, or an https URL */
const char *cb_wrong_field_name(struct cb_str text); /* RFC 9110 section 5.1 */
const char *cb_wrong_key_usage(struct cb_str text);  /* clientAuth, serverAuth or a dotted OID */
const char *cb_wrong_store(struct cb_str text);

/* Scheme, host and port of an https URL. */
struct cb_str cb_url_origin(struct cb_str url);

#endif
