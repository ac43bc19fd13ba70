-- Version 1: one node. Times are milliseconds since 1970 (UTC); enumerations are numbered as in truc/model/vocabulary.hpp.

-- Who this store belongs to: written once when it is made.
CREATE TABLE identity (
    node  TEXT NOT NULL,
    epoch INTEGER NOT NULL
) STRICT;

-- Received bytes, once however many recipients. Up to 64 KiB inline; larger ones in content/<first two digits>/<sha256>.
CREATE TABLE content (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    size   INTEGER NOT NULL,
    bytes  BLOB
) STRICT;

CREATE TABLE dispatch (
    seq           INTEGER PRIMARY KEY,
    id            BLOB NOT NULL UNIQUE,
    kind          INTEGER NOT NULL,
    sender        TEXT NOT NULL,
    document_id   TEXT NOT NULL,
    code          TEXT NOT NULL,    -- number/notation
    promulgated   TEXT NOT NULL,
    subject       TEXT NOT NULL,
    business      INTEGER NOT NULL,
    status_code   TEXT NOT NULL,
    priority      INTEGER NOT NULL,
    content       INTEGER NOT NULL REFERENCES content (id),
    signature     INTEGER NOT NULL,
    signer        BLOB,             -- SHA-256 of the certificate
    client        TEXT NOT NULL,
    entrance      INTEGER NOT NULL,
    accepted_at   INTEGER NOT NULL,
    accepted_leaf INTEGER NOT NULL,
    warnings      TEXT NOT NULL     -- codes separated by spaces
) STRICT;
-- Same sender and same bytes: the same dispatch.
CREATE UNIQUE INDEX dispatch_same ON dispatch (content, sender);
CREATE INDEX dispatch_document ON dispatch (document_id, sender);
CREATE INDEX dispatch_code ON dispatch (code, sender) WHERE code <> '';
CREATE INDEX dispatch_sender ON dispatch (sender);
-- Acceptance times never run backwards, so this one grows at its end.
CREATE INDEX dispatch_accepted ON dispatch (accepted_at);

CREATE TABLE delivery (
    seq          INTEGER PRIMARY KEY,
    id           BLOB NOT NULL UNIQUE,
    dispatch     INTEGER NOT NULL REFERENCES dispatch (seq),
    recipient    TEXT NOT NULL,
    priority     INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    deadline     INTEGER NOT NULL,
    consigned_at INTEGER,
    ended_at     INTEGER,
    last_leaf    INTEGER NOT NULL,  -- the event that brought it into this state
    reason       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX delivery_once ON delivery (dispatch, recipient);
CREATE INDEX delivery_inbox ON delivery (recipient, priority DESC, seq) WHERE state = 2;
CREATE INDEX delivery_recipient ON delivery (recipient, dispatch);

-- The ledger: one row a leaf, the text exactly as it was hashed.
CREATE TABLE event (
    leaf     INTEGER PRIMARY KEY,
    name     INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    dispatch INTEGER,
    delivery INTEGER,
    reader   TEXT NOT NULL,         -- the agency whose feed it belongs to; empty for none
    xml      TEXT NOT NULL
) STRICT;
CREATE INDEX event_dispatch ON event (dispatch, leaf) WHERE dispatch IS NOT NULL;
CREATE INDEX event_reader ON event (reader, leaf) WHERE reader <> '';

-- Hashes of complete subtrees by in-order position: leaf i at 2i, the subtree (level, index) at (2·index+1)·2^level − 1.
CREATE TABLE merkle (
    position INTEGER PRIMARY KEY,
    hash     BLOB NOT NULL
) STRICT;

-- One signed tree head a group.
CREATE TABLE head (
    size INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    xml  TEXT NOT NULL
) STRICT;

-- Refusals with a receipt; the same again within a day is counted, not written anew.
CREATE TABLE refusal (
    client   TEXT NOT NULL,
    sha256   BLOB NOT NULL,
    code     TEXT NOT NULL,
    leaf     INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (client, sha256, code, leaf)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_recent ON refusal (client, first_at);

-- What happened, counted while it happened: the other side of the books, which the rows above must agree with.
CREATE TABLE tally (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
