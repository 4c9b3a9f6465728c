-- The registry: clients, signing keys, and the generation that moves with every change of either.
-- Times are Unix seconds.

-- The migrations that were applied, with the SHA-256 of each file. Query schema_applied.
CREATE TABLE schema_migrations (
    number     INTEGER PRIMARY KEY CHECK (number >= 1),
    name       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL CHECK (length(checksum) = 64),
    applied_at INTEGER NOT NULL CHECK (applied_at >= 0)
) STRICT;

-- One row: the generation of the registry. Queries registry_generation, registry_lock.
CREATE TABLE registry_state (
    only_row   INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
    generation INTEGER NOT NULL CHECK (generation >= 1)
) STRICT;
INSERT INTO registry_state (generation) VALUES (1);

-- The registered clients, in the words of RFC 7591 and RFC 8705. Empty text: not given.
CREATE TABLE clients (
    -- Index: one client of a name (client_add); finds it (client_get, client_update); order of client_all.
    client_id    TEXT    NOT NULL PRIMARY KEY CHECK (length(CAST(client_id AS BLOB)) BETWEEN 1 AND 128),
    client_name  TEXT    NOT NULL,
    trust_group  TEXT    NOT NULL,
    auth_method  TEXT    NOT NULL CHECK (auth_method <> ''),
    subject_kind TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    jwks         TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    grant_types  TEXT    NOT NULL,
    -- Hash of what no two clients may share; NULL for a client with self-signed certificates.
    -- Index: one client of an identity (client_add, client_update).
    identity     BLOB    UNIQUE CHECK (length(identity) = 32),
    enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at   INTEGER NOT NULL CHECK (created_at >= 0),
    updated_at   INTEGER NOT NULL CHECK (updated_at >= 0),
    revision     INTEGER NOT NULL CHECK (revision >= 1)
) STRICT;

-- The signing keys; few rows, so that key_add and key_all read them all.
CREATE TABLE signing_keys (
    -- Index: one key of a name (key_add); finds it (key_retire).
    kid         TEXT    NOT NULL PRIMARY KEY CHECK (length(CAST(kid AS BLOB)) BETWEEN 1 AND 128),
    alg         TEXT    NOT NULL CHECK (alg <> ''),
    public_jwk  TEXT    NOT NULL CHECK (public_jwk <> ''),
    -- The private key, encrypted; never in clear.
    sealed      BLOB    NOT NULL CHECK (length(sealed) >= 1),
    created_at  INTEGER NOT NULL CHECK (created_at >= 0),
    active_from INTEGER NOT NULL CHECK (active_from >= 0),
    retired_at  INTEGER CHECK (retired_at >= 1) -- NULL: in use
) STRICT;

-- The generation moves in the transaction of the change itself, whoever makes it, a DBA included.
CREATE TRIGGER clients_inserted AFTER INSERT ON clients BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
CREATE TRIGGER clients_updated AFTER UPDATE ON clients BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
CREATE TRIGGER clients_deleted AFTER DELETE ON clients BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
CREATE TRIGGER signing_keys_inserted AFTER INSERT ON signing_keys BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
CREATE TRIGGER signing_keys_updated AFTER UPDATE ON signing_keys BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
CREATE TRIGGER signing_keys_deleted AFTER DELETE ON signing_keys BEGIN
    UPDATE registry_state SET generation = generation + 1;
END;
