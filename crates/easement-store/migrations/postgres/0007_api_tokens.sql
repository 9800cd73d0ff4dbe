-- Secrets that accounts made for devices and programs, and what each may do.
CREATE TABLE api_token (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- The token that it was made from. Its limits hold too.
    parent_id BIGINT REFERENCES api_token (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- A JSON document: names, types, operations and the rest.
    limits TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- To the minute.
    used_at BIGINT,
    used_from TEXT,
    -- Refusals since it was last used well.
    refusals BIGINT NOT NULL DEFAULT 0,
    refused_at BIGINT,
    refused_reason TEXT
);

CREATE INDEX api_token_by_account ON api_token (account_id);
CREATE INDEX api_token_by_parent ON api_token (parent_id);

-- The secrets of a token: one, or two while a rotation overlaps.
CREATE TABLE api_token_secret (
    -- The part of the token's text that is no secret.
    public_id TEXT PRIMARY KEY NOT NULL,
    token_id BIGINT NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    -- Argon2id in PHC form.
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When a secret that was replaced stops to count.
    expires_at BIGINT
);

CREATE INDEX api_token_secret_by_token ON api_token_secret (token_id);

-- From which networks a token was used.
CREATE TABLE api_token_network (
    token_id BIGINT NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (token_id, network)
);

-- One row: how often it changed who may do what. What is remembered about that holds for one number.
CREATE TABLE access_epoch (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    epoch BIGINT NOT NULL
);

INSERT INTO access_epoch (id, epoch) VALUES (1, 1);

-- Whether test tokens may change the zone.
ALTER TABLE zone ADD COLUMN for_testing BOOLEAN NOT NULL DEFAULT FALSE;
