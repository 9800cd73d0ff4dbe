-- What changed about how a zone is served besides its contents, for the nodes that follow: Domain
-- Connect was switched. Ids follow the order of transactions without a gap, as those of `zone_commit`.
CREATE TABLE zone_switch (
    id BIGINT PRIMARY KEY NOT NULL,
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE
);
