-- What onboarding keeps: where a client comes from, the certificates it was seen with, certificates revoked here.

ALTER TABLE clients
    ADD COLUMN issuer_key BYTEA CHECK (octet_length(issuer_key) = 32),
    ADD COLUMN jwks_uri TEXT NOT NULL DEFAULT '',
    ADD COLUMN directory TEXT NOT NULL DEFAULT '',
    ADD COLUMN software_id TEXT NOT NULL DEFAULT '',
    ADD COLUMN organisation_id TEXT NOT NULL DEFAULT '',
    ADD COLUMN roles TEXT NOT NULL DEFAULT '',
    ADD COLUMN metadata TEXT NOT NULL DEFAULT '',
    ADD COLUMN registration_token_hash BYTEA CHECK (octet_length(registration_token_hash) = 32),
    ADD COLUMN statement_expires_at BIGINT NOT NULL DEFAULT 0 CHECK (statement_expires_at >= 0),
    ADD COLUMN suspended_at BIGINT NOT NULL DEFAULT 0 CHECK (suspended_at >= 0),
    ADD CONSTRAINT clients_registration_token_hash UNIQUE (registration_token_hash);
COMMENT ON COLUMN clients.issuer_key IS
    'SHA-256 of the SubjectPublicKeyInfo of the CA that must have issued the certificate; NULL: any of the trust group.';
COMMENT ON COLUMN clients.jwks_uri IS 'Where jwks was read from.';
COMMENT ON COLUMN clients.directory IS 'Whose software statement the client registered with.';
COMMENT ON COLUMN clients.roles IS 'Of that statement, separated by spaces.';
COMMENT ON COLUMN clients.metadata IS 'What else was registered, as a JSON object.';
COMMENT ON COLUMN clients.registration_token_hash IS
    'SHA-256 of the registration access token; NULL: the client cannot change itself.';
COMMENT ON COLUMN clients.statement_expires_at IS '0: does not matter.';
COMMENT ON COLUMN clients.suspended_at IS '0: not suspended.';
COMMENT ON INDEX clients_registration_token_hash IS 'Finds the client of a token: client_clear_token.';

CREATE TABLE client_certificates (
    client_id  TEXT COLLATE "C" NOT NULL,
    x5t        BYTEA  NOT NULL CHECK (octet_length(x5t) = 32),
    subject    TEXT   NOT NULL,
    issuer     TEXT   NOT NULL,
    serial     TEXT   NOT NULL,
    issuer_key BYTEA  CHECK (octet_length(issuer_key) = 32),
    not_before BIGINT NOT NULL,
    not_after  BIGINT NOT NULL,
    first_seen BIGINT NOT NULL CHECK (first_seen >= 0),
    last_seen  BIGINT NOT NULL CHECK (last_seen >= 0),
    CONSTRAINT client_certificates_x5t PRIMARY KEY (client_id, x5t)
);
CREATE INDEX client_certificates_order ON client_certificates (not_after, client_id, x5t);
COMMENT ON TABLE client_certificates IS 'The certificates that clients were seen with. Not part of the registry.';
COMMENT ON INDEX client_certificates_x5t IS 'One row of a client and a certificate: certificate_seen.';
COMMENT ON INDEX client_certificates_order IS 'Order of certificate_page.';

CREATE FUNCTION clients_forgotten() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM client_certificates USING changed WHERE client_certificates.client_id = changed.client_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION clients_forgotten IS 'What a client was seen with goes with it.';
CREATE TRIGGER clients_forgotten AFTER DELETE ON clients REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION clients_forgotten();

CREATE TABLE revoked_certificates (
    x5t        BYTEA  NOT NULL CHECK (octet_length(x5t) = 32),
    client_id  TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    revoked_at BIGINT NOT NULL CHECK (revoked_at >= 0),
    expires_at BIGINT NOT NULL CHECK (expires_at >= 0),
    CONSTRAINT revoked_certificates_x5t PRIMARY KEY (x5t)
);
COMMENT ON TABLE revoked_certificates IS 'Certificates that the operator revoked here, whatever their issuer says.';
COMMENT ON COLUMN revoked_certificates.expires_at IS 'When the certificate ends by itself, and the row with it.';
COMMENT ON INDEX revoked_certificates_x5t IS 'One revocation of a certificate: revocation_add. Finds it: revocation_remove.';

CREATE TRIGGER revoked_certificates_inserted AFTER INSERT ON revoked_certificates REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER revoked_certificates_updated AFTER UPDATE ON revoked_certificates REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER revoked_certificates_deleted AFTER DELETE ON revoked_certificates REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER revoked_certificates_truncated AFTER TRUNCATE ON revoked_certificates
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
