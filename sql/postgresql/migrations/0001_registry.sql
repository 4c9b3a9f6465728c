-- The registry: clients, signing keys, and the generation that moves with every change of either.
-- Times are Unix seconds. Text is compared bytewise (COLLATE "C"), as SQLite compares it.

CREATE TABLE schema_migrations (
    number     INTEGER PRIMARY KEY CHECK (number >= 1),
    name       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL CHECK (length(checksum) = 64),
    applied_at BIGINT  NOT NULL CHECK (applied_at >= 0)
);
COMMENT ON TABLE schema_migrations IS
    'The migrations that were applied, with the SHA-256 of each file. Query schema_applied.';

CREATE TABLE registry_state (
    only_row   INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
    generation BIGINT  NOT NULL CHECK (generation >= 1)
);
COMMENT ON TABLE registry_state IS
    'One row: the generation of the registry. Locked by whoever adds a key. Queries registry_generation, registry_lock.';
INSERT INTO registry_state (generation) VALUES (1);

CREATE TABLE clients (
    client_id    TEXT COLLATE "C" NOT NULL CHECK (octet_length(client_id) BETWEEN 1 AND 128),
    client_name  TEXT    NOT NULL,
    trust_group  TEXT    NOT NULL,
    auth_method  TEXT    NOT NULL CHECK (auth_method <> ''),
    subject_kind TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    jwks         TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    grant_types  TEXT    NOT NULL,
    identity     BYTEA   CHECK (octet_length(identity) = 32),
    enabled      BOOLEAN NOT NULL,
    created_at   BIGINT  NOT NULL CHECK (created_at >= 0),
    updated_at   BIGINT  NOT NULL CHECK (updated_at >= 0),
    revision     BIGINT  NOT NULL CHECK (revision >= 1),
    CONSTRAINT clients_client_id PRIMARY KEY (client_id),
    CONSTRAINT clients_identity UNIQUE (identity)
);
COMMENT ON TABLE clients IS 'The registered clients, in the words of RFC 7591 and RFC 8705. Empty text: not given.';
COMMENT ON COLUMN clients.identity IS
    'Hash of what no two clients may share; NULL for a client with self-signed certificates.';
COMMENT ON INDEX clients_client_id IS 'One client of a name: client_add. Finds it: client_get, client_update. Order of client_all.';
COMMENT ON INDEX clients_identity IS 'One client of an identity: client_add, client_update.';

CREATE TABLE signing_keys (
    kid         TEXT COLLATE "C" NOT NULL CHECK (octet_length(kid) BETWEEN 1 AND 128),
    alg         TEXT   NOT NULL CHECK (alg <> ''),
    public_jwk  TEXT   NOT NULL CHECK (public_jwk <> ''),
    sealed      BYTEA  NOT NULL CHECK (octet_length(sealed) >= 1),
    created_at  BIGINT NOT NULL CHECK (created_at >= 0),
    active_from BIGINT NOT NULL CHECK (active_from >= 0),
    retired_at  BIGINT CHECK (retired_at >= 1),
    CONSTRAINT signing_keys_kid PRIMARY KEY (kid)
);
COMMENT ON TABLE signing_keys IS 'The signing keys; few rows, so that key_add and key_all read them all.';
COMMENT ON COLUMN signing_keys.sealed IS 'The private key, encrypted; never in clear.';
COMMENT ON COLUMN signing_keys.retired_at IS 'NULL: in use.';
COMMENT ON INDEX signing_keys_kid IS 'One key of a name: key_add. Finds it: key_retire.';

-- The generation moves in the transaction of the change itself, whoever makes it, a DBA included; a statement that
-- changed no row leaves it. search_path is pinned because the DBA's may be another.
CREATE FUNCTION registry_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    now_at BIGINT;
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        PERFORM FROM changed LIMIT 1;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    UPDATE registry_state SET generation = generation + 1 RETURNING generation INTO now_at;
    PERFORM pg_notify('certbound_registry', now_at::text);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION registry_changed IS 'Counts the generation up and tells the listeners on certbound_registry.';

CREATE TRIGGER clients_inserted AFTER INSERT ON clients REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER clients_updated AFTER UPDATE ON clients REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER clients_deleted AFTER DELETE ON clients REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER clients_truncated AFTER TRUNCATE ON clients
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER signing_keys_inserted AFTER INSERT ON signing_keys REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER signing_keys_updated AFTER UPDATE ON signing_keys REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER signing_keys_deleted AFTER DELETE ON signing_keys REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
CREATE TRIGGER signing_keys_truncated AFTER TRUNCATE ON signing_keys
    FOR EACH STATEMENT EXECUTE FUNCTION registry_changed();
