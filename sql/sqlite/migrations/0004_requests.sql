-- Signed registration requests that were used, until they expire. Not part of the registry.
CREATE TABLE used_requests (
    -- Of signer and jti. Index: one use of a request (request_use).
    request    BLOB    NOT NULL PRIMARY KEY CHECK (length(request) = 32),
    expires_at INTEGER NOT NULL CHECK (expires_at >= 0)
) STRICT;
