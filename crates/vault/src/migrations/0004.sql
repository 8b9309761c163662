-- Through where the municipality's changes have been taken in. Opaque, and nobody's.
CREATE TABLE feed (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    cursor TEXT NOT NULL
) STRICT;
