CREATE TABLE zone (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- The name in lower case; `spelling` is how it was written.
    apex TEXT NOT NULL UNIQUE,
    spelling TEXT NOT NULL,
    domain_connect INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- The version and serial number that `record_set` has come to.
    folded_version INTEGER NOT NULL,
    folded_serial INTEGER NOT NULL
) STRICT;

CREATE TABLE zone_role (
    zone_id INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (zone_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX zone_role_by_account ON zone_role (account_id);

-- The journal: rows are only ever added. Ids follow the order of commits without a gap.
CREATE TABLE zone_commit (
    id INTEGER PRIMARY KEY NOT NULL,
    zone_id INTEGER NOT NULL REFERENCES zone (id),
    version INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id INTEGER,
    address TEXT,
    -- A JSON document: what the change was.
    source TEXT NOT NULL,
    -- How much it changed, so that history is shown without counting the changes.
    sets_changed INTEGER NOT NULL,
    records_added INTEGER NOT NULL,
    records_removed INTEGER NOT NULL,
    UNIQUE (zone_id, version)
) STRICT;

-- One record set before and after a commit. `before_data` and `after_data` hold the data of every
-- record: two octets of length and the wire form, one after the other.
CREATE TABLE zone_change (
    commit_id INTEGER NOT NULL REFERENCES zone_commit (id),
    position INTEGER NOT NULL,
    owner BLOB NOT NULL,
    rtype INTEGER NOT NULL,
    before_ttl INTEGER,
    before_data BLOB,
    after_ttl INTEGER,
    after_data BLOB,
    PRIMARY KEY (commit_id, position)
) STRICT, WITHOUT ROWID;

-- The records as they were at the fold position; the changes after it are laid over them.
CREATE TABLE record_set (
    zone_id INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    -- The name in lower case; `spelling` is how it was written.
    owner BLOB NOT NULL,
    rtype INTEGER NOT NULL,
    spelling BLOB NOT NULL,
    ttl INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (zone_id, owner, rtype)
) STRICT, WITHOUT ROWID;

-- One row: up to which change the journal is folded into `record_set`.
CREATE TABLE fold_position (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    commit_id INTEGER NOT NULL,
    change_position INTEGER NOT NULL
) STRICT;

INSERT INTO fold_position (id, commit_id, change_position) VALUES (1, 0, 0);
