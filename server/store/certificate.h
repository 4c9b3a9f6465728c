/* The certificates of a key set, inside the transaction that writes it. Private to server/store/. */
#ifndef CB_STORE_CERTIFICATE_H
#define CB_STORE_CERTIFICATE_H

#include "store/tx.h"

CB_MUST cb_certificates_check(const struct cb_certificate_list *list, struct cb_err *err);

/* Those that are new are noted as not seen yet. */
CB_MUST cb_certificates_register(struct cb_tx *tx, struct cb_str client_id,
                                 const struct cb_certificate_list *list, struct cb_err *err);

/* Those never seen; where a key set is there that was read from the client's jwks_uri, only even_published.
 */
CB_MUST cb_certificates_forget(struct cb_tx *tx, struct cb_str client_id, bool even_published,
                               struct cb_err *err);

#endif
