-- What onboarding keeps: where a client comes from, the certificates it was seen with, certificates revoked here.

-- SHA-256 of the SubjectPublicKeyInfo of the CA that must have issued the certificate; NULL: any of the trust group.
ALTER TABLE clients ADD COLUMN issuer_key BLOB CHECK (length(issuer_key) = 32);
-- Where jwks was read from.
ALTER TABLE clients ADD COLUMN jwks_uri TEXT NOT NULL DEFAULT '';
-- Whose software statement the client registered with, and what it said.
ALTER TABLE clients ADD COLUMN directory TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN software_id TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN organisation_id TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN roles TEXT NOT NULL DEFAULT ''; -- separated by spaces
-- What else was registered, as a JSON object.
ALTER TABLE clients ADD COLUMN metadata TEXT NOT NULL DEFAULT '';
-- SHA-256 of the registration access token; NULL: the client cannot change itself.
ALTER TABLE clients ADD COLUMN registration_token_hash BLOB CHECK (length(registration_token_hash) = 32);
ALTER TABLE clients ADD COLUMN statement_expires_at INTEGER NOT NULL DEFAULT 0 CHECK (statement_expires_at >= 0);
ALTER TABLE clients ADD COLUMN suspended_at INTEGER NOT NULL DEFAULT 0 CHECK (suspended_at >= 0); -- 0: not suspended
-- Finds the client of a token: client_clear_token.
CREATE UNIQUE INDEX clients_registration_token_hash ON clients (registration_token_hash);

-- The certificates that clients were seen with. Not part of the registry.
CREATE TABLE client_certificates (
    client_id  TEXT    NOT NULL,
    x5t        BLOB    NOT NULL CHECK (length(x5t) = 32),
    subject    TEXT    NOT NULL,
    issuer     TEXT    NOT NULL,
    serial     TEXT    NOT NULL,
    issuer_key BLOB    CHECK (length(issuer_key) = 32),
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL,
    first_seen INTEGER NOT NULL CHECK (first_seen >= 0),
    last_seen  INTEGER NOT NULL CHECK (last_seen >= 0),
    -- Index: one row of a client and a certificate (certificate_seen).
    PRIMARY KEY (client_id, x5t)
) STRICT;
-- Order of certificate_page.
CREATE INDEX client_certificates_order ON client_certificates (not_after, client_id, x5t);
CREATE TRIGGER client_certificates_follow AFTER DELETE ON clients BEGIN
    DELETE FROM client_certificates WHERE client_id = OLD.client_id;
END;

-- Certificates that the operator revoked here, whatever their issuer says.
CREATE TABLE revoked_certificates (
    -- Index: one revocation of a certificate (revocation_add); finds it (revocation_remove).
    x5t        BLOB    NOT NULL PRIMARY KEY CHECK (length(x5t) = 32),
    client_id  TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    revoked_at INTEGER NOT NULL CHECK (revoked_at >= 0),
    expires_at INTEGER NOT NULL CHECK (expires_at >= 0) -- when the certificate ends by itself, and the row with it
) STRICT;
CREATE TRIGGER revoked_certificates_inserted AFTER INSERT ON revoked_certificates BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
CREATE TRIGGER revoked_certificates_updated AFTER UPDATE ON revoked_certificates BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
CREATE TRIGGER revoked_certificates_deleted AFTER DELETE ON revoked_certificates BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
