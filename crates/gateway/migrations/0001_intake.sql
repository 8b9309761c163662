-- One text for SQLite and PostgreSQL. Times are RFC 3339 in UTC, ids are UUIDs in text form, digests lower-case hex.

CREATE TABLE case_series (
  year   BIGINT NOT NULL PRIMARY KEY,
  last   BIGINT NOT NULL,
  secret BYTEA  NOT NULL
);

CREATE TABLE submission (
  id              TEXT   NOT NULL PRIMARY KEY,
  digest          TEXT   NOT NULL,
  body            BYTEA  NOT NULL,
  contact         TEXT   NOT NULL,
  service_id      TEXT   NOT NULL,
  service_version BIGINT NOT NULL,
  answers         TEXT   NOT NULL,
  secrecy         BIGINT NOT NULL CHECK (secrecy IN (0, 1)),
  worker          TEXT   NOT NULL,
  case_number     TEXT   NOT NULL UNIQUE,
  received_at     TEXT   NOT NULL,
  to_supplement   TEXT   NOT NULL,
  proof           TEXT   NOT NULL
);

CREATE TABLE contact (
  id          TEXT   NOT NULL PRIMARY KEY,
  worker      TEXT   NOT NULL,
  rev         BIGINT NOT NULL,
  body        TEXT   NOT NULL,
  secrecy     BIGINT NOT NULL CHECK (secrecy IN (0, 1)),
  received_at TEXT   NOT NULL
);

CREATE TABLE upload (
  id         TEXT   NOT NULL PRIMARY KEY,
  worker     TEXT   NOT NULL,
  name       TEXT   NOT NULL,
  media_type TEXT   NOT NULL,
  size       BIGINT NOT NULL,
  sha256     TEXT   NOT NULL,
  stored     BIGINT NOT NULL,
  submission TEXT   REFERENCES submission (id),
  begun_at   TEXT   NOT NULL
);

CREATE INDEX upload_submission ON upload (submission);

CREATE TABLE upload_chunk (
  upload TEXT   NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
  start  BIGINT NOT NULL,
  bytes  BYTEA  NOT NULL,
  PRIMARY KEY (upload, start)
);

CREATE TABLE service (
  id           TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  position     BIGINT NOT NULL,
  hash         TEXT   NOT NULL,
  body         TEXT   NOT NULL,
  published_at TEXT   NOT NULL,
  retired_at   TEXT,
  PRIMARY KEY (id, version)
);
