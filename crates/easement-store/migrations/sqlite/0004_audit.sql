CREATE TABLE audit_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at INTEGER NOT NULL,
    actor_kind TEXT,
    actor_id INTEGER,
    address TEXT,
    -- A JSON document: what happened.
    event TEXT NOT NULL
) STRICT;
