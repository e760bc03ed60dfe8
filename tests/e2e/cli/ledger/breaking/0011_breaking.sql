-- writers_from: 11
-- What a later release might change so that older programs would write wrong rows.
CREATE TABLE next_facts (
    fact TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
