-- writers_from: 10
-- The ledger: one row per job in `jobs`, and the tables that refer to it.
-- Times are INTEGER milliseconds since 1970-01-01T00:00Z (ms). SQL never asks for the current time.
-- Triggers are named table_timing_purpose: jobs_ai_event is AFTER INSERT ON jobs and writes an event.

-- ---------------------------------------------------------------------------------------------
-- The words of the state machine. They are rows, not CHECKs, because a CHECK that changes rebuilds
-- its table.
CREATE TABLE reasons (
    reason TEXT PRIMARY KEY  -- why a job has its status
) STRICT, WITHOUT ROWID;

INSERT INTO reasons (reason) VALUES
    ('user'), ('shutdown'), ('timeout'), ('worker_lost'), ('start_failed'), ('signal'), ('exit_code'),
    ('invalid_result'), ('dependency'), ('partial');

CREATE TABLE verbs (
    verb TEXT PRIMARY KEY  -- what sets the status of a job
) STRICT, WITHOUT ROWID;

INSERT INTO verbs (verb) VALUES
    ('submit'), ('claim'), ('start'), ('finish'), ('requeue'), ('cancel'), ('request_cancel'),
    ('fail_dependency'), ('reap'), ('release'), ('retry'), ('edit'), ('import');

CREATE TABLE transitions (
    from_status TEXT NOT NULL,
    verb        TEXT NOT NULL REFERENCES verbs (verb),
    to_status   TEXT NOT NULL,
    PRIMARY KEY (from_status, verb, to_status)
) STRICT, WITHOUT ROWID;

INSERT INTO transitions (from_status, verb, to_status) VALUES
    ('queued',    'claim',           'running'),
    ('queued',    'start',           'running'),
    ('queued',    'cancel',          'cancelled'),
    ('queued',    'fail_dependency', 'cancelled'),
    ('queued',    'edit',            'queued'),
    ('running',   'finish',          'done'),
    ('running',   'finish',          'error'),
    ('running',   'finish',          'cancelled'),
    ('running',   'requeue',         'queued'),
    ('running',   'request_cancel',  'running'),
    ('running',   'reap',            'queued'),
    ('running',   'reap',            'error'),
    ('running',   'reap',            'cancelled'),
    ('running',   'release',         'queued'),
    ('done',      'retry',           'queued'),
    ('error',     'retry',           'queued'),
    ('cancelled', 'retry',           'queued');

-- ---------------------------------------------------------------------------------------------
-- jobs: hot and narrow; what every poll and every claim reads. Large values come last. That JSON is
-- JSON is checked by the program: SQLite 3.40 does not let an untrusted schema call json_valid().
CREATE TABLE jobs (
    seq                 INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number people use; never reused
    job_id              TEXT    NOT NULL,  -- UUIDv7, lower case, 36 characters
    kind                TEXT    NOT NULL,  -- type of work, chosen by the submitter
    owner               TEXT    NOT NULL,  -- the principal it belongs to
    status              TEXT    NOT NULL,
    reason              TEXT REFERENCES reasons (reason),        -- why, if the status does not say
    verb                TEXT    NOT NULL REFERENCES verbs (verb),  -- what last set the status
    actor               TEXT    NOT NULL,  -- who did
    progress            REAL,              -- 0.0-1.0
    phase               TEXT,
    message             TEXT,
    current             INTEGER,           -- units done ...
    total               INTEGER,           -- ... of this many
    created_at          INTEGER NOT NULL,  -- ms
    run_after           INTEGER,           -- ms; earliest start
    started_at          INTEGER,           -- ms; of the latest attempt
    updated_at          INTEGER NOT NULL,  -- ms; heartbeats do not count
    ended_at            INTEGER,           -- ms
    expires_at          INTEGER,           -- ms; gc may delete it from then on
    queue               TEXT    NOT NULL,
    priority            INTEGER NOT NULL,  -- higher starts first
    attempt             INTEGER NOT NULL DEFAULT 0,  -- number of the latest attempt; 0: none yet
    max_attempts        INTEGER NOT NULL,
    fence               INTEGER NOT NULL DEFAULT 0,  -- +1 with every opened attempt, never less
    lease_ms            INTEGER,           -- ms that an executor may be silent
    lease_until         INTEGER,           -- ms
    suspect_at          INTEGER,           -- ms; when the lease was found to have expired
    suspect_clock       TEXT,              -- which monotonic clock (boot and time namespace) the next is of
    suspect_uptime_ms   INTEGER,           -- ms on that clock at suspect_at
    timeout_ms          INTEGER,           -- ms that an attempt may run
    start_deadline_at   INTEGER,           -- ms; not started after this
    retain_ms           INTEGER,           -- ms it is kept after its end, instead of the default
    backoff_ms          INTEGER,           -- ms before the second attempt
    backoff_factor      REAL,              -- of the delay, per further attempt; NULL: 2
    cancel_requested_at INTEGER,           -- ms
    cancel_grace_ms     INTEGER,           -- ms between asking and forcing
    cancel_text         TEXT,              -- reason given with the request
    key                 TEXT,              -- idempotency key
    has_command         INTEGER NOT NULL,  -- 1: a worker runs it; 0: an external program executes it
    open_dependencies   INTEGER NOT NULL DEFAULT 0,  -- jobs it still waits for
    ready               INTEGER NOT NULL DEFAULT 0,  -- 1: may be claimed now
    held                INTEGER NOT NULL DEFAULT 0,  -- 1: imported while queued; waits for retry or start
    frozen              INTEGER NOT NULL DEFAULT 0,  -- 1: its processes are stopped (freeze)
    freeze_requested    INTEGER,           -- 1: to be frozen, 0: to be thawed
    has_on_end          INTEGER NOT NULL DEFAULT 0,  -- 1: its spec has an on_end
    on_end_pending      INTEGER NOT NULL DEFAULT 0,  -- 1: ended, on_end not started
    account_uid         INTEGER NOT NULL DEFAULT -1, -- account that submitted it; -1: not recorded
    account             TEXT,              -- its login name
    host                TEXT,              -- host name it was submitted on, for display
    machine_id          TEXT,              -- hashed machine id of that host
    group_name          TEXT,
    schedule            TEXT,              -- name of the schedule that submitted it
    scheduled_for       INTEGER,           -- ms; the schedule's time it was submitted for
    session             TEXT,              -- the agent's conversation that submitted it
    exit_code           INTEGER,
    signal              TEXT,              -- name, such as SIGKILL
    error_code          TEXT,
    log_bytes           INTEGER NOT NULL DEFAULT 0,  -- bytes of output kept
    rev                 INTEGER NOT NULL DEFAULT 1,  -- +1 with every write but a heartbeat
    name                TEXT,
    error               TEXT,              -- one sentence
    target              TEXT,              -- JSON
    result              TEXT,              -- JSON

    CONSTRAINT job_id_form       CHECK (length(job_id) = 36 AND job_id = lower(job_id)),
    CONSTRAINT kind_given        CHECK (length(kind) BETWEEN 1 AND 64),
    CONSTRAINT owner_given       CHECK (length(owner) > 0),
    CONSTRAINT status_valid      CHECK (status IN ('queued', 'running', 'done', 'error', 'cancelled')),
    CONSTRAINT progress_in_range CHECK (progress BETWEEN 0.0 AND 1.0),
    CONSTRAINT done_is_complete  CHECK (status <> 'done' OR progress IS 1.0),
    CONSTRAINT counters_positive CHECK (coalesce(current, 0) >= 0 AND coalesce(total, 0) >= 0),
    CONSTRAINT running_started   CHECK (status <> 'running' OR (started_at IS NOT NULL AND attempt > 0)),
    CONSTRAINT times_in_order    CHECK (coalesce(started_at, created_at) >= created_at
                                        AND coalesce(ended_at, updated_at) >= created_at
                                        AND updated_at >= created_at),
    CONSTRAINT terminal_ended    CHECK ((ended_at IS NOT NULL) = (status IN ('done', 'error', 'cancelled'))),
    CONSTRAINT terminal_expires  CHECK ((expires_at IS NOT NULL) = (ended_at IS NOT NULL)),
    CONSTRAINT result_terminal   CHECK (result IS NULL OR ended_at IS NOT NULL),
    CONSTRAINT error_terminal    CHECK (error IS NULL OR ended_at IS NOT NULL),
    CONSTRAINT lease_running     CHECK (lease_until IS NULL OR status = 'running'),
    CONSTRAINT suspect_leased    CHECK (suspect_at IS NULL OR lease_until IS NOT NULL),
    CONSTRAINT suspect_whole     CHECK ((suspect_clock IS NULL) = (suspect_uptime_ms IS NULL)),
    CONSTRAINT cancel_asked      CHECK (cancel_requested_at IS NULL OR status <> 'queued'),
    CONSTRAINT attempts_in_range CHECK (attempt >= 0 AND max_attempts >= 1 AND attempt <= max_attempts),
    CONSTRAINT fence_counts      CHECK (fence >= attempt),
    CONSTRAINT flags_valid       CHECK (has_command IN (0, 1) AND ready IN (0, 1) AND open_dependencies >= 0),
    CONSTRAINT ready_can_run     CHECK (ready = 0 OR (status = 'queued' AND has_command = 1 AND open_dependencies = 0)),
    CONSTRAINT held_waits        CHECK (held IN (0, 1) AND (held = 0 OR ready = 0)),
    CONSTRAINT frozen_runs       CHECK (frozen IN (0, 1) AND (frozen = 0 OR status = 'running')),
    CONSTRAINT freeze_asked      CHECK (freeze_requested IN (0, 1) AND (freeze_requested IS NULL OR status = 'running')),
    CONSTRAINT backoff_grows     CHECK (backoff_factor >= 1.0),
    CONSTRAINT account_valid     CHECK (account_uid >= -1),
    CONSTRAINT has_on_end_valid  CHECK (has_on_end IN (0, 1)),
    CONSTRAINT on_end_owed       CHECK (on_end_pending IN (0, 1)
                                        AND (on_end_pending = 0 OR (has_on_end = 1 AND ended_at IS NOT NULL)))
) STRICT;

CREATE UNIQUE INDEX jobs_job_id ON jobs (job_id);
-- What never changes while a job runs comes last: a list by kind or day reads this index alone, and
-- only submits and edits pay for it.
CREATE INDEX jobs_of_owner ON jobs (owner, seq, kind, queue, created_at);
-- One active job per key of an owner. A race for a key is decided here.
CREATE UNIQUE INDEX jobs_active_key ON jobs (owner, key) WHERE key IS NOT NULL AND status IN ('queued', 'running');
-- Leads with the queue, so that a claim never steps over a full queue or a delayed job; within a
-- queue the accounts come first, so that it steps over all jobs of another account at once.
CREATE INDEX jobs_to_claim ON jobs (queue, account_uid, priority DESC, seq) WHERE ready = 1;
CREATE INDEX jobs_delayed ON jobs (run_after, account_uid, queue)
    WHERE status = 'queued' AND has_command = 1 AND ready = 0 AND open_dependencies = 0 AND held = 0;
CREATE INDEX jobs_blocked ON jobs (queue, account_uid, seq)
    WHERE status = 'queued' AND has_command = 1 AND open_dependencies > 0 AND held = 0;
CREATE INDEX jobs_held ON jobs (owner, seq) WHERE status = 'queued' AND held = 1;
CREATE INDEX jobs_to_start ON jobs (owner, seq) WHERE status = 'queued' AND has_command = 0;
CREATE INDEX jobs_running ON jobs (queue) WHERE status = 'running';
-- For gc and for statistics: what they filter by comes last, so that one index serves both.
CREATE INDEX jobs_ended ON jobs (owner, status, ended_at, retain_ms, attempt) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_to_prune_by_own_retention ON jobs (expires_at) WHERE ended_at IS NOT NULL AND retain_ms IS NOT NULL;
CREATE INDEX jobs_owing_on_end ON jobs (account_uid, seq) WHERE on_end_pending = 1;
CREATE INDEX jobs_of_group ON jobs (group_name, seq) WHERE group_name IS NOT NULL;
CREATE INDEX jobs_of_session ON jobs (session, seq) WHERE session IS NOT NULL;
-- A schedule submits one job for each of its times.
CREATE UNIQUE INDEX jobs_of_schedule ON jobs (schedule, scheduled_for) WHERE schedule IS NOT NULL;

CREATE TRIGGER jobs_bu_transition BEFORE UPDATE OF status, verb ON jobs
WHEN NOT EXISTS (SELECT 1 FROM transitions
                 WHERE from_status = OLD.status AND verb = NEW.verb AND to_status = NEW.status)
BEGIN
    SELECT RAISE(ABORT, 'illegal transition of a job');
END;

-- Every column but on_end_pending.
CREATE TRIGGER jobs_bu_terminal BEFORE UPDATE OF
    seq, job_id, kind, owner, status, reason, verb, actor, progress, phase, message, current, total,
    created_at, run_after, started_at, updated_at, ended_at, expires_at, queue, priority, attempt,
    max_attempts, fence, lease_ms, lease_until, suspect_at, suspect_clock, suspect_uptime_ms,
    timeout_ms, start_deadline_at, retain_ms, backoff_ms, backoff_factor, cancel_requested_at,
    cancel_grace_ms, cancel_text, key, has_command, open_dependencies, ready, held, frozen,
    freeze_requested, has_on_end, account_uid, account, host, machine_id, group_name, schedule,
    scheduled_for, session, exit_code, signal, error_code, log_bytes, rev, name, error, target,
    result ON jobs
WHEN OLD.ended_at IS NOT NULL AND NEW.status = OLD.status
BEGIN
    SELECT RAISE(ABORT, 'a job that has ended cannot be changed');
END;

CREATE TRIGGER jobs_bu_on_end BEFORE UPDATE OF on_end_pending ON jobs
WHEN OLD.ended_at IS NOT NULL AND NEW.status = OLD.status AND NEW.on_end_pending > OLD.on_end_pending
BEGIN
    SELECT RAISE(ABORT, 'a job that has ended cannot be changed');
END;

CREATE TRIGGER jobs_bu_identity BEFORE UPDATE OF
    seq, job_id, owner, created_at, account_uid, account, host, machine_id, schedule, scheduled_for ON jobs
BEGIN
    SELECT RAISE(ABORT, 'the identity of a job cannot be changed');
END;

CREATE TRIGGER jobs_bd_active BEFORE DELETE ON jobs
WHEN OLD.ended_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'a job that has not ended cannot be deleted');
END;

-- ---------------------------------------------------------------------------------------------
-- job_specs: what it takes to run a command, or the on_end of a job without one, whose argv is empty.
-- Cold; the environment never leaves the ledger.
CREATE TABLE job_specs (
    job_seq         INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
    argv            BLOB    NOT NULL,  -- arguments, each ended by a NUL byte
    cwd             BLOB    NOT NULL,  -- absolute path
    environment     BLOB    NOT NULL,  -- NAME=value, each ended by a NUL byte
    umask           INTEGER NOT NULL,
    process_attributes TEXT,           -- nice, CPUs, limits: 'nice=15 nofile=64:4096'; NULL: the worker's
    result_from     TEXT    NOT NULL,
    log_limit_bytes INTEGER,           -- bytes of output kept
    keep_strays     INTEGER NOT NULL,  -- 1: processes that outlive the command are left alone
    grace_ms        INTEGER,           -- ms between the kill signal and SIGKILL; NULL: the default
    kill_signal     TEXT,              -- name; NULL: SIGTERM
    idle_timeout_ms INTEGER,           -- ms without output or progress
    on_idle         TEXT,              -- what happens then
    on_end          BLOB,              -- for sh -c, once the job has ended
    progress_from   TEXT,              -- 'auto', or a regular expression for its output
    stdin           BLOB,              -- its standard input, any bytes; NULL: /dev/null
    CONSTRAINT result_from_valid CHECK (result_from IN ('report', 'stdout')),
    CONSTRAINT argv_given        CHECK (length(argv) > 0 OR on_end IS NOT NULL),
    CONSTRAINT keep_strays_valid CHECK (keep_strays IN (0, 1)),
    CONSTRAINT on_idle_valid     CHECK (on_idle IN ('report', 'kill'))
) STRICT;

-- ---------------------------------------------------------------------------------------------
CREATE TABLE labels (
    job_seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    key     TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    PRIMARY KEY (job_seq, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX labels_to_find_jobs ON labels (key, value, job_seq);

-- ---------------------------------------------------------------------------------------------
-- dependencies: job_seq waits for after_id. Only older jobs can be named, so there are no cycles.
CREATE TABLE dependencies (
    job_seq  INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    after_id TEXT    NOT NULL,  -- stays when that job is deleted
    any_end  INTEGER NOT NULL DEFAULT 0,  -- 1: met by any end of that job; 0: by done only
    met      INTEGER NOT NULL,  -- 1: it need not be waited for any more
    PRIMARY KEY (job_seq, after_id),
    CONSTRAINT any_end_valid CHECK (any_end IN (0, 1)),
    CONSTRAINT met_valid     CHECK (met IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX dependencies_to_resolve ON dependencies (after_id) WHERE met = 0;

-- ---------------------------------------------------------------------------------------------
-- attempts: one row per attempt. Its supervisor is the process that runs it; NULL: unknown.
CREATE TABLE attempts (
    job_seq          INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    n                INTEGER NOT NULL,  -- from 1
    fence            INTEGER NOT NULL,
    schema_version   INTEGER,           -- newest schema version that the supervisor's program knows
    host             TEXT,              -- host name, for display
    machine_id       TEXT,              -- hashed; empty: the machine has none
    boot_id          TEXT,
    pid_namespace    INTEGER,           -- inode
    time_namespace   INTEGER,           -- inode; 0: unknown
    supervisor_pid   INTEGER,
    supervisor_start INTEGER,           -- clock ticks since boot
    pid              INTEGER,           -- of the command; NULL: never spawned
    process_start    INTEGER,           -- clock ticks since boot
    elsewhere        INTEGER NOT NULL DEFAULT 0,  -- 1: imported; it may be running where it came from
    started_at       INTEGER NOT NULL,  -- ms
    ended_at         INTEGER,           -- ms
    exit_code        INTEGER,
    signal           TEXT,
    outcome          TEXT,              -- how it ended, also if the job went on
    reason           TEXT REFERENCES reasons (reason),
    cpu_ms           INTEGER,           -- ms of processor time, of all its processes
    max_rss_bytes    INTEGER,           -- bytes; the most that one of them, or its cgroup, had in memory
    read_bytes       INTEGER,
    written_bytes    INTEGER,
    oom_kills        INTEGER,
    error_code       TEXT,              -- of this attempt, as the job's once it ends so
    error            TEXT,              -- one sentence
    result           TEXT,              -- JSON reported so far; the job's once it ends as done
    PRIMARY KEY (job_seq, n),
    CONSTRAINT outcome_valid      CHECK (outcome IN ('done', 'error', 'cancelled', 'lost')),
    CONSTRAINT outcome_ended      CHECK ((outcome IS NOT NULL) = (ended_at IS NOT NULL)),
    CONSTRAINT attempt_in_order   CHECK (coalesce(ended_at, started_at) >= started_at),
    CONSTRAINT elsewhere_valid    CHECK (elsewhere IN (0, 1)),
    CONSTRAINT supervisor_whole   CHECK ((supervisor_pid IS NULL) = (supervisor_start IS NULL)
                                         AND (supervisor_pid IS NULL) = (machine_id IS NULL)
                                         AND (supervisor_pid IS NULL) = (boot_id IS NULL)
                                         AND (supervisor_pid IS NULL) = (pid_namespace IS NULL)
                                         AND (supervisor_pid IS NULL) = (time_namespace IS NULL)),
    CONSTRAINT process_supervised CHECK (pid IS NULL OR (supervisor_pid IS NOT NULL AND process_start IS NOT NULL)),
    CONSTRAINT error_ended        CHECK (ended_at IS NOT NULL OR (error IS NULL AND error_code IS NULL)),
    CONSTRAINT usage_ended        CHECK (cpu_ms IS NULL OR ended_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------
-- events: the history of jobs, and of queues and schedules, in the order in which it happened.
-- Triggers write one for each transition, so that none is missing; a note keeps the status it found.
-- Never changed; deleted only with the job.
CREATE TABLE event_types (
    type TEXT PRIMARY KEY  -- a verb, or the type of a note
) STRICT, WITHOUT ROWID;

INSERT INTO event_types (type) SELECT verb FROM verbs;

CREATE TABLE events (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,  -- orders all events of the ledger
    job_seq     INTEGER REFERENCES jobs (seq) ON DELETE CASCADE,
    queue       TEXT,              -- for an event of a queue
    schedule    TEXT,              -- for an event of a schedule
    at          INTEGER NOT NULL,  -- ms
    type        TEXT    NOT NULL REFERENCES event_types (type),
    from_status TEXT,
    to_status   TEXT,
    actor       TEXT    NOT NULL,
    reason      TEXT,
    detail      TEXT,              -- one sentence
    CONSTRAINT event_has_subject CHECK (job_seq IS NOT NULL OR queue IS NOT NULL OR schedule IS NOT NULL),
    CONSTRAINT event_has_status  CHECK (job_seq IS NULL OR to_status IS NOT NULL)
) STRICT;

CREATE INDEX events_of_job ON events (job_seq, seq);

CREATE TRIGGER events_bu_immutable BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'history cannot be changed');
END;

-- When a job is deleted, it is already gone when its events follow it.
CREATE TRIGGER events_bd_immutable BEFORE DELETE ON events
WHEN OLD.job_seq IS NOT NULL AND EXISTS (SELECT 1 FROM jobs WHERE seq = OLD.job_seq)
BEGIN
    SELECT RAISE(ABORT, 'history cannot be changed');
END;

-- An import inserts the history of its jobs itself.
CREATE TRIGGER jobs_ai_event AFTER INSERT ON jobs WHEN NEW.verb <> 'import'
BEGIN
    INSERT INTO events (job_seq, at, type, from_status, to_status, actor, reason)
    VALUES (NEW.seq, NEW.updated_at, NEW.verb, NULL, NEW.status, NEW.actor, NEW.reason);
END;

-- An edited job keeps the reason of what happened before the edit; the edit has none.
CREATE TRIGGER jobs_au_event AFTER UPDATE OF status ON jobs
BEGIN
    INSERT INTO events (job_seq, at, type, from_status, to_status, actor, reason)
    VALUES (NEW.seq, NEW.updated_at, NEW.verb, OLD.status, NEW.status, NEW.actor,
            iif(NEW.verb = 'edit', NULL, NEW.reason));
END;

-- ---------------------------------------------------------------------------------------------
-- counters: jobs by owner, queue, kind and status, kept by triggers, so that statistics never scan.
CREATE TABLE counters (
    owner  TEXT    NOT NULL,
    queue  TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    status TEXT    NOT NULL,
    jobs   INTEGER NOT NULL,
    PRIMARY KEY (owner, queue, kind, status),
    CONSTRAINT jobs_counted CHECK (jobs >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER jobs_ai_counters AFTER INSERT ON jobs
BEGIN
    INSERT INTO counters (owner, queue, kind, status, jobs)
    VALUES (NEW.owner, NEW.queue, NEW.kind, NEW.status, 1)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER jobs_au_counters AFTER UPDATE OF status, queue, kind ON jobs
WHEN (OLD.status, OLD.queue, OLD.kind) IS NOT (NEW.status, NEW.queue, NEW.kind)
BEGIN
    UPDATE counters SET jobs = jobs - 1
    WHERE owner = OLD.owner AND queue = OLD.queue AND kind = OLD.kind AND status = OLD.status;
    INSERT INTO counters (owner, queue, kind, status, jobs)
    VALUES (NEW.owner, NEW.queue, NEW.kind, NEW.status, 1)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER jobs_ad_counters AFTER DELETE ON jobs
BEGIN
    UPDATE counters SET jobs = jobs - 1
    WHERE owner = OLD.owner AND queue = OLD.queue AND kind = OLD.kind AND status = OLD.status;
END;

-- label_counters: jobs by owner and label, kept by triggers, for the totals of lists.
CREATE TABLE label_counters (
    owner TEXT    NOT NULL,
    key   TEXT    NOT NULL,
    value TEXT    NOT NULL,
    jobs  INTEGER NOT NULL,
    PRIMARY KEY (key, value, owner),
    CONSTRAINT labelled_counted CHECK (jobs >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER labels_ai_counters AFTER INSERT ON labels
BEGIN
    INSERT INTO label_counters (owner, key, value, jobs)
    SELECT owner, NEW.key, NEW.value, 1 FROM jobs WHERE seq = NEW.job_seq
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER labels_au_counters AFTER UPDATE OF value ON labels WHEN OLD.value <> NEW.value
BEGIN
    UPDATE label_counters SET jobs = jobs - 1
    WHERE key = OLD.key AND value = OLD.value
          AND owner = (SELECT owner FROM jobs WHERE seq = OLD.job_seq);
    INSERT INTO label_counters (owner, key, value, jobs)
    SELECT owner, NEW.key, NEW.value, 1 FROM jobs WHERE seq = NEW.job_seq
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

-- BEFORE, because a job's labels are deleted with it. A label that no job has any more is deleted.
CREATE TRIGGER jobs_bd_label_counters BEFORE DELETE ON jobs
WHEN EXISTS (SELECT 1 FROM labels WHERE job_seq = OLD.seq)
BEGIN
    UPDATE label_counters SET jobs = jobs - 1
    WHERE owner = OLD.owner AND (key, value) IN (SELECT key, value FROM labels WHERE job_seq = OLD.seq);
    DELETE FROM label_counters
    WHERE owner = OLD.owner AND jobs = 0
          AND (key, value) IN (SELECT key, value FROM labels WHERE job_seq = OLD.seq);
END;

-- ---------------------------------------------------------------------------------------------
-- The text that `--search` looks through, as trigrams: name, command, message and error of a job in
-- lower case, by its seq. It is updated in batches, so that a commit pays next to nothing for it;
-- what is not indexed yet is read from the jobs themselves. (Kinds are few: counters has them.)
CREATE VIRTUAL TABLE job_texts USING fts5 (text, tokenize = 'trigram case_sensitive 1', columnsize = 0);

-- Indexed jobs whose text has changed or is gone, and jobs whose text is too long to be indexed.
CREATE TABLE unindexed_texts (
    job_seq  INTEGER PRIMARY KEY,
    too_long INTEGER NOT NULL,  -- 1: always read from the job
    CONSTRAINT too_long_valid CHECK (too_long IN (0, 1))
) STRICT;

CREATE TABLE job_texts_state (
    indexed_to INTEGER NOT NULL  -- seq; later jobs are not in job_texts
) STRICT;

INSERT INTO job_texts_state (indexed_to) VALUES (0);

-- An imported job may have a seq that was passed already.
CREATE TRIGGER jobs_ai_search AFTER INSERT ON jobs
WHEN NEW.seq <= (SELECT indexed_to FROM job_texts_state)
BEGIN
    INSERT INTO unindexed_texts (job_seq, too_long) VALUES (NEW.seq, 0) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER jobs_au_search AFTER UPDATE OF message, error ON jobs
WHEN (NEW.message IS NOT OLD.message OR NEW.error IS NOT OLD.error)
     AND NEW.seq <= (SELECT indexed_to FROM job_texts_state)
BEGIN
    INSERT INTO unindexed_texts (job_seq, too_long) VALUES (NEW.seq, 0) ON CONFLICT DO NOTHING;
END;

-- (A trigger may not touch job_texts itself: the schema is not trusted with virtual tables.)
CREATE TRIGGER jobs_ad_search AFTER DELETE ON jobs
WHEN OLD.seq <= (SELECT indexed_to FROM job_texts_state)
BEGIN
    INSERT INTO unindexed_texts (job_seq, too_long) VALUES (OLD.seq, 0)
    ON CONFLICT DO UPDATE SET too_long = 0;
END;

-- ---------------------------------------------------------------------------------------------
-- queues: those that are paused or limited. No queue can be named '*': that row is for all of them.
CREATE TABLE queues (
    queue     TEXT PRIMARY KEY,
    slots     INTEGER,  -- jobs of it that may run at a time; NULL: not limited here
    paused_by TEXT,     -- NULL: not paused
    paused_at INTEGER,  -- ms
    CONSTRAINT queue_slots_valid CHECK (slots >= 0),
    CONSTRAINT paused_whole      CHECK ((paused_by IS NULL) = (paused_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    worker_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    schema_version INTEGER NOT NULL,  -- newest schema version that its program knows
    host           TEXT    NOT NULL,  -- host name, for display
    machine_id     TEXT    NOT NULL,  -- hashed; empty: the machine has none
    boot_id        TEXT    NOT NULL,
    pid_namespace  INTEGER NOT NULL,  -- inode
    time_namespace INTEGER NOT NULL,  -- inode; 0: unknown
    pid            INTEGER NOT NULL,
    process_start  INTEGER NOT NULL,  -- clock ticks since boot
    account_uid    INTEGER NOT NULL DEFAULT -1,  -- uid whose jobs it runs; -1: any account's
    account        TEXT,              -- login name of that account
    queues         TEXT,              -- names separated by commas; NULL: all
    slots          INTEGER NOT NULL,  -- jobs it runs at a time
    draining       INTEGER NOT NULL,  -- 1: takes no more work
    started_by     TEXT,              -- how it was started: scope, unit, session
    started_at     INTEGER NOT NULL,  -- ms
    heartbeat_at   INTEGER NOT NULL,  -- ms
    CONSTRAINT slots_given          CHECK (slots > 0),
    CONSTRAINT draining_valid       CHECK (draining IN (0, 1)),
    CONSTRAINT worker_account_valid CHECK (account_uid >= -1)
) STRICT;

-- tombstones: what remains of deleted jobs, so that `expired` can be told from `never existed`.
CREATE TABLE tombstones (
    seq         INTEGER PRIMARY KEY,
    job_id      TEXT    NOT NULL,
    owner       TEXT    NOT NULL,
    last_status TEXT    NOT NULL,
    last_reason TEXT,
    ended_at    INTEGER NOT NULL,  -- ms
    pruned_at   INTEGER NOT NULL   -- ms
) STRICT;

CREATE UNIQUE INDEX tombstones_job_id ON tombstones (job_id);
CREATE INDEX tombstones_to_drop ON tombstones (pruned_at);
