CREATE TABLE audit_entry (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_kind TEXT,
    actor_id BIGINT,
    address TEXT,
    -- A JSON document: what happened.
    event TEXT NOT NULL
);
