-- Whose commands and hooks run on whose behalf.

-- The account that submitted a job: only that account's workers run its command.
ALTER TABLE jobs ADD COLUMN account_uid INTEGER NOT NULL DEFAULT -1  -- uid; -1: not recorded
    CONSTRAINT account_valid CHECK (account_uid >= -1);

-- A job that ends owes its on-end command, until whoever runs it clears the mark.
ALTER TABLE jobs ADD COLUMN has_on_end INTEGER NOT NULL DEFAULT 0  -- 1: its spec has an on_end
    CONSTRAINT has_on_end_valid CHECK (has_on_end IN (0, 1));
ALTER TABLE jobs ADD COLUMN on_end_pending INTEGER NOT NULL DEFAULT 0  -- 1: ended, on_end not started
    CONSTRAINT on_end_owed CHECK (on_end_pending IN (0, 1)
                                  AND (on_end_pending = 0 OR (has_on_end = 1 AND ended_at IS NOT NULL)));

-- What ended before this is not owed: it was started, or lost, by the programs of then.
DROP TRIGGER jobs_terminal_is_immutable;
UPDATE jobs SET has_on_end = 1 WHERE seq IN (SELECT job_seq FROM job_specs WHERE on_end IS NOT NULL);

-- Every column but on_end_pending.
CREATE TRIGGER jobs_terminal_is_immutable BEFORE UPDATE OF
    seq, job_id, kind, owner, status, reason, verb, actor, progress, phase, message, current, total,
    created_at, run_after, started_at, updated_at, ended_at, expires_at, queue, priority, attempt,
    max_attempts, fence, lease_ms, lease_until, suspect_at, timeout_ms, retain_ms, backoff_ms,
    cancel_requested_at, cancel_grace_ms, cancel_text, key, has_command, open_dependencies, ready,
    exit_code, signal, error_code, log_bytes, rev, name, error, target, result, held, account_uid,
    has_on_end ON jobs
WHEN OLD.ended_at IS NOT NULL AND NEW.status = OLD.status
BEGIN
    SELECT RAISE(ABORT, 'a job that has ended cannot be changed');
END;

CREATE TRIGGER jobs_on_end_is_owed_once BEFORE UPDATE OF on_end_pending ON jobs
WHEN OLD.ended_at IS NOT NULL AND NEW.status = OLD.status AND NEW.on_end_pending > OLD.on_end_pending
BEGIN
    SELECT RAISE(ABORT, 'a job that has ended cannot be changed');
END;

DROP TRIGGER jobs_identity_is_immutable;
CREATE TRIGGER jobs_identity_is_immutable BEFORE UPDATE OF seq, job_id, owner, created_at, account_uid ON jobs
BEGIN
    SELECT RAISE(ABORT, 'the identity of a job cannot be changed');
END;

-- Within a queue the accounts come first, so that jobs of others are stepped over all at once.
DROP INDEX jobs_to_claim;
CREATE INDEX jobs_to_claim ON jobs (queue, account_uid, priority DESC, seq) WHERE ready = 1;
-- Who waits for a worker, and of which queue, is read from these alone.
DROP INDEX jobs_delayed;
CREATE INDEX jobs_delayed ON jobs (run_after, account_uid, queue)
    WHERE status = 'queued' AND has_command = 1 AND ready = 0 AND open_dependencies = 0 AND held = 0;
DROP INDEX jobs_blocked;
CREATE INDEX jobs_blocked ON jobs (queue, account_uid, seq)
    WHERE status = 'queued' AND has_command = 1 AND open_dependencies > 0 AND held = 0;
CREATE INDEX jobs_owing_on_end ON jobs (account_uid, seq) WHERE on_end_pending = 1;

ALTER TABLE workers ADD COLUMN account_uid INTEGER NOT NULL DEFAULT -1  -- uid whose jobs it runs; -1: of any
    CONSTRAINT worker_account_valid CHECK (account_uid >= -1);
