-- Texts that stay for a while: each goes when its time is over.
CREATE TABLE text_lease (
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    owner BYTEA NOT NULL,
    -- The text, as record data.
    data BYTEA NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (zone_id, owner, data)
);

CREATE INDEX text_lease_by_end ON text_lease (ends_at);

-- What devices did with each host.
CREATE TABLE host_use (
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    owner BYTEA NOT NULL,
    -- A JSON document: counts, and the newest changes.
    document TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    -- The oldest change of which it is known from which address it came.
    source_at BIGINT,
    PRIMARY KEY (zone_id, owner)
);

CREATE INDEX host_use_by_last ON host_use (zone_id, last_at);
CREATE INDEX host_use_by_source ON host_use (source_at) WHERE source_at IS NOT NULL;
