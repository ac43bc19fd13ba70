-- Version 4: what old systems and many clients need. Enumerations are numbered as in truc/store/records.hpp.

ALTER TABLE dispatch ADD COLUMN submission TEXT NOT NULL DEFAULT ''; -- what the sender's system calls it

-- What the recipient's system said of a delivery in its inbox. `attempts` and `last_attempt` count for whoever has to act
-- next: passing it on while it is queued, handing it over while it is consigned.
ALTER TABLE delivery ADD COLUMN said INTEGER;
ALTER TABLE delivery ADD COLUMN said_at INTEGER;
-- What it said anything of is read behind all that is new. Holds only such deliveries, so that accepting pays nothing.
CREATE INDEX delivery_said ON delivery (recipient, attempts, priority DESC, seq) WHERE state = 2 AND said IS NOT NULL;
-- Until now the attempts to pass it on stayed with a delivery that had arrived.
UPDATE delivery SET attempts = 0, last_attempt = '' WHERE state = 2 AND attempts > 0;

-- Changes of the directory that clients ask for and administrators decide.
CREATE TABLE proposal (
    number      INTEGER PRIMARY KEY,
    kind        INTEGER NOT NULL,
    client      TEXT NOT NULL,
    code        TEXT NOT NULL,
    details     TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0,
    decided_at  INTEGER,
    decided_by  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX proposal_open ON proposal (client, code) WHERE state = 0;
