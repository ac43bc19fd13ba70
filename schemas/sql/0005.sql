-- Version 5: one document that comes by two ways is delivered once.

-- What all copies of a document share (intake: essence_of); null for a status, for what was only passed on here, and for
-- what came before this version.
ALTER TABLE dispatch ADD COLUMN essence BLOB;
-- The node by which it came into the exchange, and the client that submitted it there.
ALTER TABLE dispatch ADD COLUMN door TEXT NOT NULL DEFAULT '';
CREATE INDEX dispatch_essence ON dispatch (essence) WHERE essence IS NOT NULL;
