-- Certificates seen or registered, those that end first first, and when one that ends later was seen first.
-- Parameters: client_id or empty, not_after to stay below, and of the one to begin behind: not_after, client_id, x5t;
--             limit.
-- Indexes: client_certificates_order; that of client_id and x5t for the later ones.
SELECT client_id, x5t, subject, issuer, serial, issuer_key, not_before, not_after, first_seen, last_seen,
       (SELECT coalesce(min(first_seen), 0) FROM client_certificates AS later
        WHERE later.client_id = seen.client_id AND later.not_after > seen.not_after AND later.first_seen > 0)
FROM client_certificates AS seen
WHERE ($1 = '' OR client_id = $1) AND not_after < $2 AND (not_after, client_id, x5t) > ($3, $4, $5)
ORDER BY not_after, client_id, x5t LIMIT $6
