-- The cases of a contact record, so that a secrecy marking that comes later reaches them.

CREATE INDEX submission_contact ON submission (contact);
