-- At most one row, which all replicas see: while it is there, nothing new is received.

CREATE TABLE maintenance (
  id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  until TEXT
);
