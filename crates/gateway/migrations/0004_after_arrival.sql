-- What happens after arrival. Each worker's changes have the numbers 1, 2, 3 without gaps, given under the lock of the
-- worker's row, so that a number that can be read has all lower ones before it. A case's first change carries the
-- submission's own id.

CREATE TABLE worker (
  subject     TEXT   NOT NULL PRIMARY KEY,
  last_change BIGINT NOT NULL
);

CREATE TABLE case_change (
  id         TEXT   NOT NULL PRIMARY KEY,
  submission TEXT   NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
  worker     TEXT   NOT NULL,
  seq        BIGINT NOT NULL,
  at         TEXT   NOT NULL,
  stage      TEXT   NOT NULL,
  message    TEXT,
  UNIQUE (worker, seq)
);

CREATE INDEX case_change_submission ON case_change (submission, seq);

INSERT INTO case_change (id, submission, worker, seq, at, stage)
SELECT id, id, worker, ROW_NUMBER() OVER (PARTITION BY worker ORDER BY received_at, id), received_at, 'received'
FROM submission;

INSERT INTO worker (subject, last_change) SELECT worker, MAX(seq) FROM case_change GROUP BY worker;

-- Ids that were withdrawn before they arrived.
CREATE TABLE tombstone (
  submission TEXT NOT NULL PRIMARY KEY,
  worker     TEXT NOT NULL,
  at         TEXT NOT NULL
);

CREATE INDEX tombstone_at ON tombstone (at);

-- Who asked how a case stands. Rows are added, and removed by retention alone. What was asked for is kept when it has
-- the form of a case number; anything else may be anything.
CREATE TABLE case_access (
  id          TEXT NOT NULL PRIMARY KEY,
  at          TEXT NOT NULL,
  worker      TEXT NOT NULL,
  case_number TEXT,
  outcome     TEXT NOT NULL CHECK (outcome IN ('shown', 'refused', 'unknown'))
);

CREATE INDEX case_access_at ON case_access (at);

-- The last sign of life of an upload; its time runs from here.
ALTER TABLE upload ADD COLUMN touched_at TEXT NOT NULL DEFAULT '';

UPDATE upload SET touched_at = begun_at;

CREATE INDEX upload_worker ON upload (worker, sha256);

CREATE INDEX upload_touched ON upload (touched_at);

-- Where a log begins here once its oldest events are gone: the first number that is kept and the hash before it.
ALTER TABLE audit_log ADD COLUMN first BIGINT NOT NULL DEFAULT 1;

ALTER TABLE audit_log ADD COLUMN previous TEXT NOT NULL DEFAULT '';

CREATE INDEX audit_event_received ON audit_event (received_at);

-- Work in the background that one of the gateways does: it may be taken from `due` (seconds since 1970) on.
CREATE TABLE chore (
  name   TEXT   NOT NULL PRIMARY KEY,
  due    BIGINT NOT NULL,
  holder TEXT   NOT NULL
);

-- What was removed by a rule of retention: how many of what, never which.
CREATE TABLE retention_certificate (
  id      TEXT   NOT NULL PRIMARY KEY,
  at      TEXT   NOT NULL,
  kind    TEXT   NOT NULL,
  rule    TEXT   NOT NULL,
  removed BIGINT NOT NULL
);
