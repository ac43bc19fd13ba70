-- Version 2: custody between nodes. Feeds get positions of their own, because they hold what other nodes proved as well.

-- Receipts of other nodes, verbatim: `xml` with the signed tree head cut out at byte `head_at`, since all receipts of one
-- group share it.
CREATE TABLE foreign_head (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    xml    TEXT NOT NULL
) STRICT;

CREATE TABLE evidence (
    id       INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    name     INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    node     TEXT NOT NULL,
    dispatch INTEGER,
    delivery INTEGER,
    xml      TEXT NOT NULL,
    head     INTEGER NOT NULL REFERENCES foreign_head (id),
    head_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_dispatch ON evidence (dispatch) WHERE dispatch IS NOT NULL;

-- Evidence in the order in which it is read: an own event or a receipt of another node. Positions rise over all readers;
-- those of version 1 were the leaves of the events.
CREATE TABLE feed (
    reader   TEXT NOT NULL,         -- an agency's code, or node:<name>
    position INTEGER NOT NULL,
    leaf     INTEGER,
    evidence INTEGER,
    PRIMARY KEY (reader, position)
) STRICT, WITHOUT ROWID;
INSERT INTO feed (reader, position, leaf) SELECT reader, leaf, leaf FROM event WHERE reader <> '' ORDER BY reader, leaf;
INSERT INTO tally (name, value) SELECT 'feed_next', coalesce(max(leaf) + 1, 0) FROM event;
DROP INDEX event_reader;

-- Of a dispatch that a neighbour brought: accepted_at and accepted_leaf tell when this node took it and by which event.
ALTER TABLE dispatch ADD COLUMN receipt INTEGER REFERENCES evidence (id); -- the origin's acceptance; null: submitted here
ALTER TABLE dispatch ADD COLUMN extra TEXT NOT NULL DEFAULT '';           -- what newer nodes wrote into the envelope
-- What was submitted here is recognised by sender and bytes; what neighbours bring by its delivery id and nothing else.
DROP INDEX dispatch_same;
CREATE UNIQUE INDEX dispatch_same ON dispatch (content, sender) WHERE receipt IS NULL;

ALTER TABLE delivery ADD COLUMN passed_to TEXT NOT NULL DEFAULT '';       -- neighbour; empty while custody is here
ALTER TABLE delivery ADD COLUMN offered_to TEXT NOT NULL DEFAULT '';      -- the neighbour that may have taken it, answered or not
ALTER TABLE delivery ADD COLUMN hops TEXT NOT NULL DEFAULT '';            -- nodes that had custody before, by spaces
ALTER TABLE delivery ADD COLUMN came_from TEXT NOT NULL DEFAULT '';       -- neighbours that gave custody, by spaces
ALTER TABLE delivery ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN last_attempt TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN next_at INTEGER;
CREATE INDEX delivery_queued ON delivery (priority DESC, seq) WHERE state = 0;
CREATE INDEX delivery_deadline ON delivery (state, deadline, seq) WHERE state < 3;

-- How far each log of a neighbour's feed was read.
CREATE TABLE neighbour_cursor (
    neighbour TEXT NOT NULL,
    log       TEXT NOT NULL,
    next      INTEGER NOT NULL,
    PRIMARY KEY (neighbour, log)
) STRICT, WITHOUT ROWID;

-- What each neighbour's log looked like when it was seen last.
CREATE TABLE neighbour_head (
    neighbour TEXT PRIMARY KEY,
    log       TEXT NOT NULL,
    size      INTEGER NOT NULL,
    root      BLOB NOT NULL,
    time      INTEGER NOT NULL,
    xml       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every version of every node's directory section that was seen here, as it was signed.
CREATE TABLE section (
    seq     INTEGER PRIMARY KEY,
    node    TEXT NOT NULL,
    version INTEGER NOT NULL,
    text    TEXT NOT NULL,
    UNIQUE (node, version)
) STRICT;
