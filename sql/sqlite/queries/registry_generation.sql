-- The generation of the registry.
-- Parameters: none.
-- Index: none, there is one row.
SELECT generation FROM registry_state
