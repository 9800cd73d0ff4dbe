-- Texts that stay for a while: each goes when its time is over.
CREATE TABLE text_lease (
    zone_id INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    owner BLOB NOT NULL,
    -- The text, as record data.
    data BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (zone_id, owner, data)
) STRICT, WITHOUT ROWID;

CREATE INDEX text_lease_by_end ON text_lease (ends_at);

-- What devices did with each host.
CREATE TABLE host_use (
    zone_id INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    owner BLOB NOT NULL,
    -- A JSON document: counts, and the newest changes.
    document TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    -- The oldest change of which it is known from which address it came.
    source_at INTEGER,
    PRIMARY KEY (zone_id, owner)
) STRICT, WITHOUT ROWID;

CREATE INDEX host_use_by_last ON host_use (zone_id, last_at);
CREATE INDEX host_use_by_source ON host_use (source_at) WHERE source_at IS NOT NULL;
