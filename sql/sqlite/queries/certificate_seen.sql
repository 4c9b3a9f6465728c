-- Notes that a client was seen with a certificate, or, with zeroes, that its key set holds it; of a client that is
-- gone, nothing.
-- Parameters: client_id, x5t, subject, issuer, serial, issuer_key, not_before, not_after, first_seen, last_seen.
-- Indexes: those of both tables.
INSERT INTO client_certificates (client_id, x5t, subject, issuer, serial, issuer_key, not_before, not_after,
                                 first_seen, last_seen)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM clients WHERE client_id = ?1
ON CONFLICT (client_id, x5t) DO UPDATE
SET first_seen = CASE WHEN client_certificates.first_seen = 0 THEN excluded.first_seen
                      ELSE client_certificates.first_seen END,
    last_seen = CASE WHEN excluded.last_seen > client_certificates.last_seen THEN excluded.last_seen
                     ELSE client_certificates.last_seen END
