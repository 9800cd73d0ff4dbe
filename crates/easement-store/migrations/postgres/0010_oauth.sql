-- Programs that an operator registered, so that they may ask owners for access.
CREATE TABLE oauth_client (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What it is called in requests.
    client_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    -- Which templates of the provider, and where browsers may be sent: JSON documents.
    templates TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    -- confidential, public or published; all but public have the hash of a secret.
    authentication TEXT NOT NULL,
    secret_hash BYTEA,
    -- The secret before, and until when it counts.
    previous_secret_hash BYTEA,
    previous_expires_at BIGINT,
    access_seconds BIGINT NOT NULL,
    refresh_seconds BIGINT NOT NULL,
    -- rotate or keep.
    refresh_rule TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

-- What owners let programs do.
CREATE TABLE oauth_grant (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    -- registered: the only kind that has a client_id.
    client_kind TEXT NOT NULL,
    client_id BIGINT REFERENCES oauth_client (id) ON DELETE CASCADE,
    -- A JSON document.
    rights TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    ended_at BIGINT,
    ended_because TEXT
);

CREATE INDEX oauth_grant_by_account ON oauth_grant (account_id);
CREATE INDEX oauth_grant_by_zone ON oauth_grant (zone_id);
CREATE INDEX oauth_grant_by_client ON oauth_grant (client_id);

-- Codes, access tokens and refresh tokens of grants.
CREATE TABLE oauth_token (
    token_hash BYTEA PRIMARY KEY NOT NULL,
    -- code, access or refresh.
    kind TEXT NOT NULL,
    grant_id BIGINT NOT NULL REFERENCES oauth_grant (id) ON DELETE CASCADE,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT,
    -- Of a code: where it was sent, and the challenge that it was asked for with.
    redirect_uri TEXT,
    challenge TEXT
);

CREATE INDEX oauth_token_by_grant ON oauth_token (grant_id);
CREATE INDEX oauth_token_by_end ON oauth_token (expires_at);
CREATE INDEX oauth_token_by_use ON oauth_token (spent_at) WHERE spent_at IS NOT NULL;

-- What one grant did.
CREATE INDEX zone_commit_by_grant ON zone_commit (actor_id, id) WHERE actor_kind = 'grant';
