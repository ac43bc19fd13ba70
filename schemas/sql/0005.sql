-- Version 5: one document that comes by two ways is delivered once.

-- What all copies of a document share (intake: essence_of); null for a status, for what was only passed on here, and for
-- what came before this version: of those the bytes tell.
ALTER TABLE dispatch ADD COLUMN essence BLOB;
-- The node at which it came into the exchange, and whether by a client that speaks for another exchange.
ALTER TABLE dispatch ADD COLUMN door TEXT NOT NULL DEFAULT '';
ALTER TABLE dispatch ADD COLUMN by_gateway INTEGER NOT NULL DEFAULT 0;
UPDATE dispatch SET door = coalesce((SELECT node FROM evidence WHERE id = receipt), (SELECT node FROM identity));
CREATE INDEX dispatch_essence ON dispatch (essence) WHERE essence IS NOT NULL;
CREATE INDEX dispatch_content ON dispatch (content);

-- The delivery of the first copy: while that one lies in the inbox, this one is consigned and in nobody's.
ALTER TABLE delivery ADD COLUMN copy_of INTEGER REFERENCES delivery (seq);
CREATE INDEX delivery_copy ON delivery (copy_of) WHERE copy_of IS NOT NULL;
DROP INDEX delivery_inbox;
CREATE INDEX delivery_inbox ON delivery (recipient, priority DESC, seq) WHERE state = 2 AND copy_of IS NULL;
DROP INDEX delivery_said;
CREATE INDEX delivery_said ON delivery (recipient, attempts, priority DESC, seq)
    WHERE state = 2 AND copy_of IS NULL AND said IS NOT NULL;
