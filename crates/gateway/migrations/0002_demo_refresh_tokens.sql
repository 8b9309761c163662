-- Of the demo issuer only. Tokens are kept as digests; times are seconds since 1970.

CREATE TABLE refresh_token (
  digest     TEXT   NOT NULL PRIMARY KEY,
  chain      TEXT   NOT NULL,
  worker     TEXT   NOT NULL,
  expires_at BIGINT NOT NULL,
  used       BIGINT NOT NULL CHECK (used IN (0, 1))
);

CREATE INDEX refresh_token_chain ON refresh_token (chain);
