CREATE TABLE account (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    -- Argon2id in PHC form; nothing until the account's holder chose one.
    password_hash TEXT,
    standing TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE session (
    secret_hash BYTEA PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE INDEX session_by_account ON session (account_id);

CREATE TABLE one_time_link (
    secret_hash BYTEA PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    account_id BIGINT REFERENCES account (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE INDEX one_time_link_by_account ON one_time_link (account_id);

CREATE TABLE sign_in_attempt (
    throttle_key TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
