-- Jobs that were brought here from another ledger.

-- An imported job with a command that had not run yet waits until somebody says that it is to run
-- here: where it came from it may have run meanwhile.
ALTER TABLE jobs ADD COLUMN held INTEGER NOT NULL DEFAULT 0  -- 1: waits for retry or start
    CONSTRAINT held_waits CHECK (held IN (0, 1) AND (held = 0 OR ready = 0));

-- An attempt that was open where it came from runs there, if anywhere: nobody here can judge it.
ALTER TABLE attempts ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0
    CONSTRAINT elsewhere_valid CHECK (elsewhere IN (0, 1));

-- What is held does not become due, and nobody needs to stay for it.
DROP INDEX jobs_delayed;
CREATE INDEX jobs_delayed ON jobs (run_after)
    WHERE status = 'queued' AND has_command = 1 AND ready = 0 AND open_dependencies = 0 AND held = 0;
DROP INDEX jobs_blocked;
CREATE INDEX jobs_blocked ON jobs (seq)
    WHERE status = 'queued' AND has_command = 1 AND open_dependencies > 0 AND held = 0;
CREATE INDEX jobs_held ON jobs (owner, seq) WHERE status = 'queued' AND held = 1;

-- An imported job brings its history along; whoever inserts it with this verb inserts that, too.
DROP TRIGGER jobs_birth_is_told;
CREATE TRIGGER jobs_birth_is_told AFTER INSERT ON jobs WHEN NEW.verb <> 'import'
BEGIN
    INSERT INTO events (job_seq, at, type, from_status, to_status, actor, reason)
    VALUES (NEW.seq, NEW.updated_at, NEW.verb, NULL, NEW.status, NEW.actor, NEW.reason);
END;
