-- Names that stand for the address of an app for a while: the record of each goes when its time is over.
CREATE TABLE name_lease (
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    owner BYTEA NOT NULL,
    -- Whose it counts as, such as 192.0.2.0/24.
    network TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (zone_id, owner)
);

CREATE INDEX name_lease_by_end ON name_lease (ends_at);
CREATE INDEX name_lease_by_network ON name_lease (network);
