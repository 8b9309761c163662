-- An epoch is a day and a turn from here on, day * 65536 + turn: what there is belongs to the first turn of its day.

UPDATE call SET epoch = epoch * 65536;
UPDATE draft SET epoch = epoch * 65536;
UPDATE file SET epoch = epoch * 65536;
UPDATE submission SET epoch = epoch * 65536;
UPDATE outbox SET epoch = epoch * 65536;
