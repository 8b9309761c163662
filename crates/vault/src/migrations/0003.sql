-- The log, chained: `body` is the JSON of one event, `hash` ties it to all before; see `ledsaga_core::audit::chain`.
-- Events of the first versions are in `audit` until the vault is opened the next time, which chains them.
CREATE TABLE log (
    seq INTEGER NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- Kept apart from the events, so that it shows when the end has been cut off. `before_seq` and `before_hash` are of the
-- event before the first that is still here. `signing` is the seed of the key that signs exports.
CREATE TABLE log_head (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    vault BLOB NOT NULL,
    signing BLOB NOT NULL,
    before_seq INTEGER NOT NULL,
    before_hash BLOB NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    arrived INTEGER NOT NULL
) STRICT;
