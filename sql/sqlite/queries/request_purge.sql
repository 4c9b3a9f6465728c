-- Forgets the requests that have expired.
-- Parameters: the time.
-- Index: none; few rows.
DELETE FROM used_requests WHERE expires_at <= ?1
