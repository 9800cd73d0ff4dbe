-- Where accounts are told of what happens to their hosts.
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- What names it to others.
    public_id TEXT NOT NULL UNIQUE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    -- The names of events, with spaces between them.
    events TEXT NOT NULL,
    -- As it is: each delivery is signed with it.
    secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Since when it is told of nothing, and why.
    disabled_at INTEGER,
    disabled_because TEXT,
    -- Deliveries in a row that failed for good, and when the first of them did.
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER
) STRICT;

CREATE INDEX webhook_by_account ON webhook (account_id);

-- What is to be delivered, and what became of it. A row is written with the change that it tells of.
CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    webhook_id INTEGER NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    hostname TEXT,
    -- What is sent, the same at every try.
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- waiting, delivered, failed or dropped.
    state TEXT NOT NULL,
    -- When it is tried next, while it waits.
    due_at INTEGER,
    -- How often it was tried since it began to wait, and in all.
    tries INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at) WHERE due_at IS NOT NULL;

-- Each try of a delivery.
CREATE TABLE webhook_attempt (
    delivery_id INTEGER NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    microseconds INTEGER NOT NULL,
    -- What the receiver answered, when it did.
    status INTEGER,
    -- Why it failed, when it did.
    problem TEXT,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
