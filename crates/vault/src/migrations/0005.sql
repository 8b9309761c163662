-- Data keys lie in bundles, many under one seal: what is left under a key that goes is sealed anew in a few writes
-- instead of one for each record. `number` is part of what a bundle is sealed for, and so are its shelf and epoch.
-- In format 1 the body is one data key, wrapped for its record as the earlier versions did; in format 2 it is a bundle.

CREATE TABLE bundle (
    number INTEGER NOT NULL PRIMARY KEY,
    shelf TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    format INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE new_data_key (
    id BLOB NOT NULL,
    shelf TEXT NOT NULL,
    purge_on INTEGER NOT NULL,
    bundle INTEGER NOT NULL,
    PRIMARY KEY (id, shelf)
) STRICT, WITHOUT ROWID;

INSERT INTO bundle
    SELECT row_number() OVER (ORDER BY id, shelf), shelf, epoch, 1, wrapped FROM data_key;
INSERT INTO new_data_key
    SELECT id, shelf, purge_on, row_number() OVER (ORDER BY id, shelf) FROM data_key;

-- With its index and its triggers, none of which fires.
DROP TABLE data_key;
ALTER TABLE new_data_key RENAME TO data_key;
CREATE INDEX data_key_bundle ON data_key (bundle);
CREATE INDEX bundle_epoch ON bundle (epoch, shelf);

CREATE TRIGGER data_key_gone AFTER DELETE ON data_key BEGIN
    INSERT OR IGNORE INTO tainted SELECT epoch FROM bundle WHERE number = old.bundle;
    INSERT OR IGNORE INTO rubbish VALUES (old.id, old.shelf);
END;

CREATE TRIGGER data_key_moved AFTER UPDATE OF bundle ON data_key WHEN old.bundle <> new.bundle BEGIN
    INSERT OR IGNORE INTO tainted SELECT epoch FROM bundle WHERE number = old.bundle;
END;

CREATE TRIGGER bundle_moved AFTER UPDATE OF epoch ON bundle WHEN old.epoch <> new.epoch BEGIN
    INSERT OR IGNORE INTO tainted VALUES (old.epoch);
END;

-- A record that is put again, with another data key, is no rubbish.
CREATE TRIGGER data_key_made AFTER INSERT ON data_key BEGIN
    DELETE FROM rubbish WHERE id = new.id AND shelf = new.shelf;
END;
