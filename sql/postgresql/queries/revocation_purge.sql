-- Forgets the revocations of certificates that have expired.
-- Parameters: the time.
-- Index: none; few rows.
DELETE FROM revoked_certificates WHERE expires_at < $1
