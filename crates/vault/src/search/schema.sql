-- `number` is the time of the document in milliseconds, or the next free one: the order of numbers is that of time.
-- `id` is the draft, or the call itself. Each field has its spellings, sorted, with spaces between.
CREATE TABLE document (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, call BLOB NOT NULL,
    case_number TEXT NOT NULL, service TEXT NOT NULL, caller_name TEXT NOT NULL, phone TEXT NOT NULL,
    asked_for TEXT NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE INDEX document_call ON document (call);
-- The answers, most of what there is. Only a removal reads them, so that a search finds the rest of many documents in
-- one page.
CREATE TABLE answers (number INTEGER PRIMARY KEY, answer TEXT NOT NULL) STRICT;
-- The weeks that have a table of words; see weeks.rs.
CREATE TABLE week (week INTEGER PRIMARY KEY) STRICT;
