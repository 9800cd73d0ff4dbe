-- Where accounts are told of what happens to their hosts.
CREATE TABLE webhook (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What names it to others.
    public_id TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    -- The names of events, with spaces between them.
    events TEXT NOT NULL,
    -- As it is: each delivery is signed with it.
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Since when it is told of nothing, and why.
    disabled_at BIGINT,
    disabled_because TEXT,
    -- Deliveries in a row that failed for good, and when the first of them did.
    failures BIGINT NOT NULL DEFAULT 0,
    failing_since BIGINT
);

CREATE INDEX webhook_by_account ON webhook (account_id);

-- What is to be delivered, and what became of it. A row is written with the change that it tells of.
CREATE TABLE webhook_delivery (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id BIGINT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    hostname TEXT,
    -- What is sent, the same at every try.
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- waiting, delivered, failed or dropped.
    state TEXT NOT NULL,
    -- When it is tried next, while it waits.
    due_at BIGINT,
    -- How often it was tried since it began to wait, and in all.
    tries BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at) WHERE due_at IS NOT NULL;

-- Each try of a delivery.
CREATE TABLE webhook_attempt (
    delivery_id BIGINT NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    microseconds BIGINT NOT NULL,
    -- What the receiver answered, when it did.
    status BIGINT,
    -- Why it failed, when it did.
    problem TEXT,
    PRIMARY KEY (delivery_id, number)
);
