-- For which code or token this one was given.
ALTER TABLE oauth_token ADD COLUMN given_for BYTEA;

CREATE INDEX oauth_token_by_origin ON oauth_token (given_for) WHERE given_for IS NOT NULL;

-- What the actor was called, when the row that says so is gone.
ALTER TABLE zone_commit ADD COLUMN actor_name TEXT;
