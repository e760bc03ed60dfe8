-- Lists of a million jobs: what they filter by, count and search.

-- What never changes while a job runs comes last: a list of some kind or day reads this index alone,
-- and nobody pays for it but whoever submits or edits.
DROP INDEX jobs_of_owner;
CREATE INDEX jobs_of_owner ON jobs (owner, seq, kind, queue, created_at);

-- ---------------------------------------------------------------------------------------------
-- label_counters: jobs by owner and label, kept by triggers, for the totals of lists.
CREATE TABLE label_counters (
    owner TEXT    NOT NULL,
    key   TEXT    NOT NULL,
    value TEXT    NOT NULL,
    jobs  INTEGER NOT NULL,
    PRIMARY KEY (key, value, owner),
    CONSTRAINT labelled_counted CHECK (jobs >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO label_counters (owner, key, value, jobs)
SELECT j.owner, l.key, l.value, count(*) FROM labels l JOIN jobs j ON j.seq = l.job_seq GROUP BY 1, 2, 3;

CREATE TRIGGER labels_birth_is_counted AFTER INSERT ON labels
BEGIN
    INSERT INTO label_counters (owner, key, value, jobs)
    SELECT owner, NEW.key, NEW.value, 1 FROM jobs WHERE seq = NEW.job_seq
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER labels_change_is_counted AFTER UPDATE OF value ON labels WHEN OLD.value <> NEW.value
BEGIN
    UPDATE label_counters SET jobs = jobs - 1
    WHERE key = OLD.key AND value = OLD.value
          AND owner = (SELECT owner FROM jobs WHERE seq = OLD.job_seq);
    INSERT INTO label_counters (owner, key, value, jobs)
    SELECT owner, NEW.key, NEW.value, 1 FROM jobs WHERE seq = NEW.job_seq
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

-- Before, since the labels go with their job. A label that nobody has any more is forgotten.
CREATE TRIGGER labels_end_is_counted BEFORE DELETE ON jobs
WHEN EXISTS (SELECT 1 FROM labels WHERE job_seq = OLD.seq)
BEGIN
    UPDATE label_counters SET jobs = jobs - 1
    WHERE owner = OLD.owner AND (key, value) IN (SELECT key, value FROM labels WHERE job_seq = OLD.seq);
    DELETE FROM label_counters
    WHERE owner = OLD.owner AND jobs = 0
          AND (key, value) IN (SELECT key, value FROM labels WHERE job_seq = OLD.seq);
END;

-- ---------------------------------------------------------------------------------------------
-- What `list --search` looks through, as trigrams: name, command, message and error of a job in lower
-- case, by its seq. It is brought up to date in batches, so that a commit pays next to nothing for it;
-- what it does not have yet is read from the jobs themselves. (Kinds are few: counters has them.)
CREATE VIRTUAL TABLE job_texts USING fts5 (text, tokenize = 'trigram case_sensitive 1', columnsize = 0);

-- Jobs that have been indexed and whose text is another now or gone with them, or is too long to be indexed.
CREATE TABLE unindexed_texts (
    job_seq  INTEGER PRIMARY KEY,
    too_long INTEGER NOT NULL,  -- 1: will always be read from the job
    CONSTRAINT too_long_valid CHECK (too_long IN (0, 1))
) STRICT;

CREATE TABLE job_texts_state (
    indexed_to INTEGER NOT NULL  -- seq; later jobs are not in job_texts
) STRICT;

INSERT INTO job_texts_state (indexed_to) VALUES (0);

-- A job that comes with a number of its own may come late.
CREATE TRIGGER jobs_text_comes AFTER INSERT ON jobs
WHEN NEW.seq <= (SELECT indexed_to FROM job_texts_state)
BEGIN
    INSERT INTO unindexed_texts (job_seq, too_long) VALUES (NEW.seq, 0) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER jobs_text_has_changed AFTER UPDATE OF message, error ON jobs
WHEN (NEW.message IS NOT OLD.message OR NEW.error IS NOT OLD.error)
     AND NEW.seq <= (SELECT indexed_to FROM job_texts_state)
BEGIN
    INSERT INTO unindexed_texts (job_seq, too_long) VALUES (NEW.seq, 0) ON CONFLICT DO NOTHING;
END;

-- (A trigger may not touch job_texts itself: the schema is not trusted with virtual tables.)
CREATE TRIGGER jobs_text_goes AFTER DELETE ON jobs
WHEN OLD.seq <= (SELECT indexed_to FROM job_texts_state)
BEGIN
    INSERT INTO unindexed_texts (job_seq, too_long) VALUES (OLD.seq, 0)
    ON CONFLICT DO UPDATE SET too_long = 0;
END;
