-- Version 3: a section that takes what another node has keeps its place in its node's chain, but does not count.

ALTER TABLE section ADD COLUMN counts INTEGER NOT NULL DEFAULT 1;
