-- Data keys get small rows of their own: what wraps them changes, or they go, and no body is written for it. A record
-- is there as long as its data key is; a body without one is rubbish.
-- `purge_on` is the last day on which the record is kept, in days since 1970-01-01. `epoch` is the day of the key that
-- wraps the data key, times 65536, and that day's turn.

CREATE TABLE data_key (
    id BLOB NOT NULL,
    shelf TEXT NOT NULL,
    purge_on INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (id, shelf)
) STRICT, WITHOUT ROWID;

INSERT INTO data_key SELECT id, 'call', purge_on, epoch * 65536, data_key FROM call;
INSERT INTO data_key SELECT id, 'draft', purge_on, epoch * 65536, data_key FROM draft;
INSERT INTO data_key SELECT id, 'file', purge_on, epoch * 65536, data_key FROM file;
INSERT INTO data_key SELECT id, 'submission', purge_on, epoch * 65536, data_key FROM submission;
INSERT INTO data_key SELECT id, 'outbox', purge_on, epoch * 65536, data_key FROM outbox;

CREATE INDEX data_key_epoch ON data_key (epoch);

CREATE TABLE new_call (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO new_call SELECT id, parent, at, rev, format, body FROM call;
DROP TABLE call;
ALTER TABLE new_call RENAME TO call;
CREATE INDEX call_at ON call (at, id);

-- `outline` is what lists need, sealed like the body and read without it. Drafts of the first version have none.
CREATE TABLE new_draft (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    outline BLOB,
    body BLOB NOT NULL
) STRICT;
INSERT INTO new_draft SELECT id, parent, at, rev, format, NULL, body FROM draft;
DROP TABLE draft;
ALTER TABLE new_draft RENAME TO draft;
CREATE INDEX draft_at ON draft (at, id);

-- In format 1 the body is the whole file, in format 2 what its chunks begin with.
CREATE TABLE new_file (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO new_file SELECT id, parent, at, rev, format, body FROM file;
DROP TABLE file;
ALTER TABLE new_file RENAME TO file;
CREATE INDEX file_parent ON file (parent);

CREATE TABLE chunk (
    file BLOB NOT NULL,
    n INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (file, n)
) STRICT;

CREATE TABLE new_submission (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO new_submission SELECT id, parent, at, rev, format, body FROM submission;
DROP TABLE submission;
ALTER TABLE new_submission RENAME TO submission;
CREATE INDEX submission_parent ON submission (parent);

CREATE TABLE new_outbox (
    id BLOB NOT NULL PRIMARY KEY,
    parent BLOB,
    at INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO new_outbox SELECT id, parent, at, rev, format, body FROM outbox;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX outbox_at ON outbox (at, id);
CREATE INDEX outbox_parent ON outbox (parent);

-- How a draft stood before a change. The parent is the draft, whose data key seals it.
CREATE TABLE revision (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    parent BLOB NOT NULL,
    rev INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX revision_parent ON revision (parent, seq);

-- Epochs whose key has wrapped a data key that it wraps no longer: copies of the disk still have the wrapped one, so
-- that the epoch's key has to be destroyed.
CREATE TABLE tainted (
    epoch INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- Whose bodies are to be cleared away.
CREATE TABLE rubbish (
    id BLOB NOT NULL,
    shelf TEXT NOT NULL,
    PRIMARY KEY (id, shelf)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER data_key_gone AFTER DELETE ON data_key BEGIN
    INSERT OR IGNORE INTO tainted VALUES (old.epoch);
    INSERT OR IGNORE INTO rubbish VALUES (old.id, old.shelf);
END;

CREATE TRIGGER data_key_moved AFTER UPDATE OF epoch ON data_key WHEN old.epoch <> new.epoch BEGIN
    INSERT OR IGNORE INTO tainted VALUES (old.epoch);
END;

-- A record that is put again, with another data key, is no rubbish.
CREATE TRIGGER data_key_made AFTER INSERT ON data_key BEGIN
    DELETE FROM rubbish WHERE id = new.id AND shelf = new.shelf;
END;
