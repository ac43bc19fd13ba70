-- Version 6: lanes on disk, holds, recalls and updates, what recipients report, resending, retention.

ALTER TABLE dispatch ADD COLUMN traceparent TEXT NOT NULL DEFAULT ''; -- W3C trace context, as it came or was made here
-- When its origin accepted it, where that is another node: what orders the documents of one sender. Receipts for what
-- was added or sent again are younger.
ALTER TABLE dispatch ADD COLUMN origin_at INTEGER;
UPDATE dispatch SET origin_at = (SELECT time FROM evidence WHERE id = receipt) WHERE receipt IS NOT NULL;
ALTER TABLE dispatch ADD COLUMN legal_hold TEXT NOT NULL DEFAULT '';  -- who asked for it, and why; empty: none

-- Where a delivery waits, and in which class: what lanes read in pages. `lane` is the neighbour that the directory named
-- when the delivery was queued, and is written anew when that changes; this node: home is here; empty: no way is known.
ALTER TABLE delivery ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN lane_class INTEGER NOT NULL DEFAULT 0; -- truc/model/lane_class.hpp
UPDATE delivery SET lane = offered_to WHERE state = 0;
UPDATE delivery SET lane_class = CASE WHEN priority > 0 THEN priority + 1
    WHEN (SELECT kind FROM dispatch WHERE seq = delivery.dispatch) = 1 THEN 1 ELSE 0 END WHERE state = 0;

-- Held: 0 no, 1 by a person, 2 by Truc (quarantine). A held delivery is neither passed on nor handed over.
ALTER TABLE delivery ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN held_by TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN held_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN held_at INTEGER;
ALTER TABLE delivery ADD COLUMN held_leaf INTEGER;                     -- of its Hold
ALTER TABLE delivery ADD COLUMN warn_at INTEGER;                       -- when its sender is told that it will expire; null: was
UPDATE delivery SET warn_at = deadline - (deadline - (SELECT accepted_at FROM dispatch WHERE seq = delivery.dispatch)) / 4
    WHERE state = 0;

-- A delivery that an administrator sends once more is a new one that names the old one.
ALTER TABLE delivery ADD COLUMN resend INTEGER NOT NULL DEFAULT 0;     -- 0: the first; else the how manieth repetition
ALTER TABLE delivery ADD COLUMN resent_from INTEGER REFERENCES delivery (seq);
-- What vouches for it beside the acceptance of its dispatch: of another origin its Resend, or its acceptance for
-- recipients that were added later; of this node the latter.
ALTER TABLE delivery ADD COLUMN vouched_by INTEGER REFERENCES evidence (id);
ALTER TABLE delivery ADD COLUMN accepted_leaf INTEGER;
-- Of an end that another node states, `ended_at` is its word, as far as it can be; here it has been known since
-- `learned_at`, by that evidence.
ALTER TABLE delivery ADD COLUMN learned_at INTEGER;
ALTER TABLE delivery ADD COLUMN ended_by INTEGER REFERENCES evidence (id);
DROP INDEX delivery_once;
CREATE UNIQUE INDEX delivery_once ON delivery (dispatch, recipient, resend);

DROP INDEX delivery_queued;
CREATE INDEX delivery_lane ON delivery (lane, lane_class DESC, seq) WHERE state = 0 AND held = 0;
-- Who waits where: a change of the directory looks at each pair once, not at each delivery.
CREATE INDEX delivery_place ON delivery (recipient, lane) WHERE state = 0;
CREATE INDEX delivery_warning ON delivery (warn_at) WHERE state = 0 AND warn_at IS NOT NULL;
CREATE INDEX delivery_held ON delivery (seq) WHERE held > 0 AND state < 3;
DROP INDEX delivery_inbox;
CREATE INDEX delivery_inbox ON delivery (recipient, priority DESC, seq) WHERE state = 2 AND copy_of IS NULL AND held = 0;
DROP INDEX delivery_said;
CREATE INDEX delivery_said ON delivery (recipient, attempts, priority DESC, seq)
    WHERE state = 2 AND copy_of IS NULL AND held = 0 AND said IS NOT NULL;

-- Of a recall, update or replacement: the documents that it takes from its recipient once it has come home, from the
-- inbox as well as what comes later.
CREATE TABLE withdrawal (
    by_delivery INTEGER NOT NULL REFERENCES delivery (seq),
    document_id TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    PRIMARY KEY (by_delivery, document_id, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX withdrawal_document ON withdrawal (document_id, recipient);
-- What a recall, update or replacement of this exchange acts on, at every node that has seen it.
CREATE TABLE action (
    dispatch    INTEGER NOT NULL REFERENCES dispatch (seq),
    document_id TEXT NOT NULL,
    PRIMARY KEY (dispatch, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX action_document ON action (document_id);
-- Recipients that an update adds to the document it acts on.
CREATE TABLE addition (
    dispatch  INTEGER NOT NULL REFERENCES dispatch (seq),
    recipient TEXT NOT NULL,
    PRIMARY KEY (dispatch, recipient)
) STRICT, WITHOUT ROWID;

-- What neighbours stated of one delivery among many of its dispatch.
CREATE INDEX evidence_delivery ON evidence (delivery) WHERE delivery IS NOT NULL;
UPDATE delivery SET learned_at = ended_at, ended_by = CASE WHEN passed_to <> '' THEN (SELECT min(e.id) FROM evidence e
    WHERE e.delivery = delivery.seq AND e.time = delivery.ended_at AND e.name IN (4, 6, 7, 8, 9, 10)) END
    WHERE ended_at IS NOT NULL;

-- Statuses that came to the sender of a document seen here: by the delivery that they are about, in the order of arrival.
CREATE TABLE reported_status (
    delivery INTEGER NOT NULL REFERENCES delivery (seq),
    dispatch INTEGER NOT NULL REFERENCES dispatch (seq), -- the status
    code     TEXT NOT NULL,
    time     INTEGER NOT NULL,
    PRIMARY KEY (delivery, dispatch)
) STRICT, WITHOUT ROWID;

-- Bytes that retention removed; the row, its digest and its size stay.
ALTER TABLE content ADD COLUMN purged_at INTEGER;
CREATE INDEX delivery_ended ON delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX delivery_recalled ON delivery (ended_at) WHERE state = 5;

-- Certificates that signed or opened a connection, so that their end can be foretold.
CREATE TABLE certificate (
    sha256    BLOB PRIMARY KEY,
    subject   TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    seen_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Logs of this node before the one in `identity`: a restored copy ends the old one where it stood.
CREATE TABLE former_log (
    epoch INTEGER PRIMARY KEY,
    size  INTEGER NOT NULL, -- the first leaf of the next
    head  TEXT NOT NULL     -- the last one known here, as signed
) STRICT;
-- The same of neighbours. What their ended logs looked like is kept: it shows a history that was written anew.
ALTER TABLE neighbour_head ADD COLUMN met_at INTEGER;                   -- of a log that follows another; null: the first
ALTER TABLE neighbour_head ADD COLUMN asked INTEGER NOT NULL DEFAULT 1; -- about all that was passed on before met_at
CREATE TABLE former_head (
    neighbour TEXT NOT NULL,
    log       TEXT NOT NULL,
    size      INTEGER NOT NULL,
    root      BLOB NOT NULL,
    time      INTEGER NOT NULL,
    xml       TEXT NOT NULL,
    PRIMARY KEY (neighbour, log)
) STRICT, WITHOUT ROWID;
-- How far neighbours knew this node's: what lies between cannot come back.
CREATE TABLE told_size (
    log       TEXT NOT NULL,
    neighbour TEXT NOT NULL,
    size      INTEGER NOT NULL,
    PRIMARY KEY (log, neighbour)
) STRICT, WITHOUT ROWID;
