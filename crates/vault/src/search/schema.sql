-- `number` is the time of the document in milliseconds, or the next free one: the order of numbers is that of time.
-- `id` is the draft, or the call itself.
CREATE TABLE document (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, call BLOB NOT NULL) STRICT;
CREATE INDEX document_call ON document (call);
-- The weeks that have a table of words; see weeks.rs.
CREATE TABLE week (week INTEGER PRIMARY KEY) STRICT;
