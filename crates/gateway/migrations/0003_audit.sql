-- The workers' logs. Rows of audit_event are added and never changed or removed; audit_log holds how far each log is.

CREATE TABLE audit_log (
  vault  TEXT   NOT NULL PRIMARY KEY,
  worker TEXT   NOT NULL,
  seq    BIGINT NOT NULL,
  hash   TEXT   NOT NULL
);

CREATE TABLE audit_event (
  vault       TEXT   NOT NULL REFERENCES audit_log (vault),
  seq         BIGINT NOT NULL,
  hash        TEXT   NOT NULL,
  event       BYTEA  NOT NULL,
  received_at TEXT   NOT NULL,
  PRIMARY KEY (vault, seq)
);
