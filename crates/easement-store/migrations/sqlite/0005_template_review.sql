-- Who decided what about a text of a template, and why.
CREATE TABLE template_decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    template_id INTEGER NOT NULL REFERENCES template (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id INTEGER,
    status TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE INDEX template_decision_by_template ON template_decision (template_id);

-- Which templates came from which folder, so that one whose file is gone is noticed.
CREATE TABLE template_source (
    folder TEXT NOT NULL,
    provider TEXT NOT NULL,
    service TEXT NOT NULL,
    PRIMARY KEY (folder, provider, service)
) STRICT;

-- Who controls a domain with signing keys: whoever publishes the challenge there.
CREATE TABLE key_control (
    domain TEXT NOT NULL PRIMARY KEY,
    challenge TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    proven_at INTEGER
) STRICT;

-- Templates that service providers handed in themselves.
CREATE TABLE template_submission (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    template_id INTEGER NOT NULL REFERENCES template (id) ON DELETE CASCADE,
    contact TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    submitted_at INTEGER NOT NULL
) STRICT;

CREATE INDEX template_submission_by_template ON template_submission (template_id);
