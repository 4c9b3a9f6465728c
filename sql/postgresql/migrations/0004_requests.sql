-- Signed registration requests that count once.

CREATE TABLE used_requests (
    request    BYTEA  NOT NULL CHECK (octet_length(request) = 32),
    expires_at BIGINT NOT NULL CHECK (expires_at >= 0),
    CONSTRAINT used_requests_request PRIMARY KEY (request)
);
COMMENT ON TABLE used_requests IS 'Signed registration requests that were used, until they expire. Not part of the registry.';
COMMENT ON COLUMN used_requests.request IS 'Of signer and jti.';
COMMENT ON INDEX used_requests_request IS 'One use of a request: request_use.';
