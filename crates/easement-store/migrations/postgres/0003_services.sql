CREATE TABLE service (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    zone_id BIGINT NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    -- Which template, and where: also in the document, here to be searched by.
    provider TEXT NOT NULL,
    service TEXT NOT NULL,
    host TEXT NOT NULL,
    -- A JSON document: what was applied, and the records it holds.
    document TEXT NOT NULL,
    connected_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX service_by_zone ON service (zone_id);
CREATE INDEX service_by_template ON service (provider, service);

-- One row for each text of a template that was ever imported.
CREATE TABLE template (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider TEXT NOT NULL,
    service TEXT NOT NULL,
    version BIGINT NOT NULL,
    checksum TEXT NOT NULL,
    json TEXT NOT NULL,
    status TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    UNIQUE (provider, service, checksum)
);

-- At most one text of a template is offered.
CREATE UNIQUE INDEX template_approved ON template (provider, service) WHERE status = 'approved';
