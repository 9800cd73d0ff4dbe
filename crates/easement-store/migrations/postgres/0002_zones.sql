CREATE TABLE zone (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The name in lower case; `spelling` is how it was written.
    apex TEXT COLLATE "C" NOT NULL UNIQUE,
    spelling TEXT NOT NULL,
    domain_connect BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    -- The version and serial number that `record_set` has come to.
    folded_version BIGINT NOT NULL,
    folded_serial BIGINT NOT NULL
);

CREATE TABLE zone_role (
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (zone_id, account_id)
);

CREATE INDEX zone_role_by_account ON zone_role (account_id);

-- The journal: rows are only ever added. Ids follow the order of commits without a gap.
CREATE TABLE zone_commit (
    id BIGINT PRIMARY KEY NOT NULL,
    zone_id BIGINT NOT NULL REFERENCES zone (id),
    version BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    committed_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BIGINT,
    address TEXT,
    -- A JSON document: what the change was.
    source TEXT NOT NULL,
    -- How much it changed, so that history is shown without counting the changes.
    sets_changed BIGINT NOT NULL,
    records_added BIGINT NOT NULL,
    records_removed BIGINT NOT NULL,
    UNIQUE (zone_id, version)
);

-- One record set before and after a commit. `before_data` and `after_data` hold the data of every
-- record: two octets of length and the wire form, one after the other.
CREATE TABLE zone_change (
    commit_id BIGINT NOT NULL REFERENCES zone_commit (id),
    position BIGINT NOT NULL,
    owner BYTEA NOT NULL,
    rtype BIGINT NOT NULL,
    before_ttl BIGINT,
    before_data BYTEA,
    after_ttl BIGINT,
    after_data BYTEA,
    PRIMARY KEY (commit_id, position)
);

-- The records as they were at the fold position; the changes after it are laid over them.
CREATE TABLE record_set (
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    -- The name in lower case; `spelling` is how it was written.
    owner BYTEA NOT NULL,
    rtype BIGINT NOT NULL,
    spelling BYTEA NOT NULL,
    ttl BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (zone_id, owner, rtype)
);

-- One row: up to which change the journal is folded into `record_set`.
CREATE TABLE fold_position (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    commit_id BIGINT NOT NULL,
    change_position BIGINT NOT NULL
);

INSERT INTO fold_position (id, commit_id, change_position) VALUES (1, 0, 0);
