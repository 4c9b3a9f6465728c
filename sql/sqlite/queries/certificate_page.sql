-- Certificates seen, those that end first first.
-- Parameters: client_id or empty, not_after to stay below, and of the one to begin behind: not_after, client_id, x5t;
--             limit.
-- Index: client_certificates_order.
SELECT client_id, x5t, subject, issuer, serial, issuer_key, not_before, not_after, first_seen, last_seen
FROM client_certificates
WHERE (?1 = '' OR client_id = ?1) AND not_after < ?2 AND (not_after, client_id, x5t) > (?3, ?4, ?5)
ORDER BY not_after, client_id, x5t LIMIT ?6
