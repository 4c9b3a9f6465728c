-- Forgets all but the certificates of a client that were seen last, and those not seen yet.
-- Parameters: client_id, how many stay.
-- Index: that of client_id and x5t.
DELETE FROM client_certificates
WHERE client_id = ?1 AND first_seen > 0
  AND x5t NOT IN (SELECT x5t FROM client_certificates WHERE client_id = ?1
                                     ORDER BY last_seen DESC, x5t LIMIT ?2)
