-- Secrets that accounts made for devices and programs, and what each may do.
CREATE TABLE api_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- The token that it was made from. Its limits hold too.
    parent_id INTEGER REFERENCES api_token (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- A JSON document: names, types, operations and the rest.
    limits TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    -- To the minute.
    used_at INTEGER,
    used_from TEXT,
    -- Refusals since it was last used well.
    refusals INTEGER NOT NULL DEFAULT 0,
    refused_at INTEGER,
    refused_reason TEXT
) STRICT;

CREATE INDEX api_token_by_account ON api_token (account_id);
CREATE INDEX api_token_by_parent ON api_token (parent_id);

-- The secrets of a token: one, or two while a rotation overlaps.
CREATE TABLE api_token_secret (
    -- The part of the token's text that is no secret.
    public_id TEXT PRIMARY KEY NOT NULL,
    token_id INTEGER NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    -- Argon2id in PHC form.
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- When a secret that was replaced stops to count.
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_token_secret_by_token ON api_token_secret (token_id);

-- From which networks a token was used.
CREATE TABLE api_token_network (
    token_id INTEGER NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (token_id, network)
) STRICT, WITHOUT ROWID;

-- One row: how often it changed who may do what. What is remembered about that holds for one number.
CREATE TABLE access_epoch (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    epoch INTEGER NOT NULL
) STRICT;

INSERT INTO access_epoch (id, epoch) VALUES (1, 1);

-- Whether test tokens may change the zone.
ALTER TABLE zone ADD COLUMN for_testing INTEGER NOT NULL DEFAULT 0;
