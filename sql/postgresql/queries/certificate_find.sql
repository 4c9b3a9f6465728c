-- A certificate that clients were seen with, as it was seen last.
-- Parameters: x5t.
-- Index: client_certificates_by_x5t.
SELECT client_id, x5t, subject, issuer, serial, issuer_key, not_before, not_after, first_seen, last_seen, 0
FROM client_certificates
WHERE x5t = $1
ORDER BY last_seen DESC, client_id LIMIT 1
