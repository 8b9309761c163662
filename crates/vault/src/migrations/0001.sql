-- Ids are the 16 bytes of a UUID, `at` is nanoseconds since 1970, `purge_on` and `epoch` are days since 1970-01-01.
-- `data_key` is wrapped by the key of `epoch`; `body` is sealed with it for this table, id, revision and format.

CREATE TABLE call (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    purge_on INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    data_key BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX call_at ON call (at, id);

-- The parent is the call.
CREATE TABLE draft (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    purge_on INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    data_key BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX draft_at ON draft (at, id);

-- The parent is the draft.
CREATE TABLE file (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    purge_on INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    data_key BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The parent is the draft.
CREATE TABLE submission (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    purge_on INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    data_key BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The parent is the call.
CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    purge_on INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    data_key BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_at ON outbox (at, id);

-- Public, so that the file's own encryption is enough.
CREATE TABLE catalogue (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    body BLOB NOT NULL
) STRICT;

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The call that was on screen last.
CREATE TABLE resume (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    call BLOB NOT NULL
) STRICT;
