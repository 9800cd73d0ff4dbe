-- Programs that an operator registered, so that they may ask owners for access.
CREATE TABLE oauth_client (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- What it is called in requests.
    client_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    -- Which templates of the provider, and where browsers may be sent: JSON documents.
    templates TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    -- confidential, public or published; all but public have the hash of a secret.
    authentication TEXT NOT NULL,
    secret_hash BLOB,
    -- The secret before, and until when it counts.
    previous_secret_hash BLOB,
    previous_expires_at INTEGER,
    access_seconds INTEGER NOT NULL,
    refresh_seconds INTEGER NOT NULL,
    -- rotate or keep.
    refresh_rule TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

-- What owners let programs do.
CREATE TABLE oauth_grant (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    zone_id INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    -- registered: the only kind that has a client_id.
    client_kind TEXT NOT NULL,
    client_id INTEGER REFERENCES oauth_client (id) ON DELETE CASCADE,
    -- A JSON document.
    rights TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    ended_at INTEGER,
    ended_because TEXT
) STRICT;

CREATE INDEX oauth_grant_by_account ON oauth_grant (account_id);
CREATE INDEX oauth_grant_by_zone ON oauth_grant (zone_id);
CREATE INDEX oauth_grant_by_client ON oauth_grant (client_id);

-- Codes, access tokens and refresh tokens of grants.
CREATE TABLE oauth_token (
    token_hash BLOB PRIMARY KEY NOT NULL,
    -- code, access or refresh.
    kind TEXT NOT NULL,
    grant_id INTEGER NOT NULL REFERENCES oauth_grant (id) ON DELETE CASCADE,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at INTEGER,
    -- Of a code: where it was sent, and the challenge that it was asked for with.
    redirect_uri TEXT,
    challenge TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_token_by_grant ON oauth_token (grant_id);
CREATE INDEX oauth_token_by_end ON oauth_token (expires_at);
CREATE INDEX oauth_token_by_use ON oauth_token (spent_at) WHERE spent_at IS NOT NULL;

-- What one grant did.
CREATE INDEX zone_commit_by_grant ON zone_commit (actor_id, id) WHERE actor_kind = 'grant';
