CREATE TABLE service (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    zone_id INTEGER NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    -- Which template, and where: also in the document, here to be searched by.
    provider TEXT NOT NULL,
    service TEXT NOT NULL,
    host TEXT NOT NULL,
    -- A JSON document: what was applied, and the records it holds.
    document TEXT NOT NULL,
    connected_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX service_by_zone ON service (zone_id);
CREATE INDEX service_by_template ON service (provider, service);

-- One row for each text of a template that was ever imported.
CREATE TABLE template (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    provider TEXT NOT NULL,
    service TEXT NOT NULL,
    version INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    json TEXT NOT NULL,
    status TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    UNIQUE (provider, service, checksum)
) STRICT;

-- At most one text of a template is offered.
CREATE UNIQUE INDEX template_approved ON template (provider, service) WHERE status = 'approved';
