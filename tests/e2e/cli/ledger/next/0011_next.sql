-- writers_from: 10
-- What a later release might add: programs that know schema version 10 may continue writing.
CREATE TABLE next_facts (
    fact TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

ALTER TABLE jobs ADD COLUMN next_column INTEGER;
