-- The ledger: one row a job, and what hangs on it.
-- Times are INTEGER milliseconds since 1970-01-01T00:00Z; SQL never asks what time it is.

-- ---------------------------------------------------------------------------------------------
-- jobs: hot and narrow; what every poll and every claim reads. Large values come last. That JSON is
-- JSON is checked by the program: SQLite 3.40 does not let an untrusted schema call json_valid().
CREATE TABLE jobs (
    seq                 INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number people use; never reused
    job_id              TEXT    NOT NULL,  -- UUIDv7, lower case, 36 characters
    kind                TEXT    NOT NULL,  -- the submitter's word for this sort of work
    owner               TEXT    NOT NULL,  -- the principal whose job it is
    status              TEXT    NOT NULL,
    reason              TEXT,              -- why it is there, where the status does not say
    verb                TEXT    NOT NULL,  -- what last set the status; becomes the event's type
    actor               TEXT    NOT NULL,  -- who did
    progress            REAL,              -- 0.0-1.0
    phase               TEXT,
    message             TEXT,
    current             INTEGER,           -- things done ...
    total               INTEGER,           -- ... of so many
    created_at          INTEGER NOT NULL,  -- ms
    run_after           INTEGER,           -- ms; not to be started before
    started_at          INTEGER,           -- ms; of the latest attempt
    updated_at          INTEGER NOT NULL,  -- ms; heartbeats do not count
    ended_at            INTEGER,           -- ms
    expires_at          INTEGER,           -- ms; forgotten by gc from then on
    queue               TEXT    NOT NULL,
    priority            INTEGER NOT NULL,  -- higher starts first
    attempt             INTEGER NOT NULL DEFAULT 0,  -- number of the latest attempt; 0: none yet
    max_attempts        INTEGER NOT NULL,
    fence               INTEGER NOT NULL DEFAULT 0,  -- +1 with every opened attempt, never less
    lease_ms            INTEGER,           -- ms that an executor's silence is believed
    lease_until         INTEGER,           -- ms
    suspect_at          INTEGER,           -- ms; since when the lease is known to have run out
    timeout_ms          INTEGER,           -- ms that an attempt may run
    retain_ms           INTEGER,           -- ms it is kept after its end, instead of the default
    backoff_ms          INTEGER,           -- ms before the second attempt
    cancel_requested_at INTEGER,           -- ms
    cancel_grace_ms     INTEGER,           -- ms between asking and forcing
    cancel_text         TEXT,              -- what was said when it was asked
    key                 TEXT,              -- idempotency key
    has_command         INTEGER NOT NULL,  -- 1: a worker runs it; 0: somebody else executes it
    open_dependencies   INTEGER NOT NULL DEFAULT 0,  -- jobs it still waits for
    ready               INTEGER NOT NULL DEFAULT 0,  -- 1: may be claimed now
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
    CONSTRAINT reason_valid      CHECK (reason IN ('user', 'shutdown', 'timeout', 'worker_lost', 'start_failed',
                                                   'signal', 'exit_code', 'invalid_result', 'dependency', 'partial')),
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
    CONSTRAINT cancel_asked      CHECK (cancel_requested_at IS NULL OR status <> 'queued'),
    CONSTRAINT attempts_in_range CHECK (attempt >= 0 AND max_attempts >= 1 AND attempt <= max_attempts),
    CONSTRAINT fence_counts      CHECK (fence >= attempt),
    CONSTRAINT flags_valid       CHECK (has_command IN (0, 1) AND ready IN (0, 1) AND open_dependencies >= 0),
    CONSTRAINT ready_can_run     CHECK (ready = 0 OR (status = 'queued' AND has_command = 1 AND open_dependencies = 0))
) STRICT;

CREATE UNIQUE INDEX jobs_job_id ON jobs (job_id);
CREATE INDEX jobs_of_owner ON jobs (owner, seq);
-- One active job for each of an owner's keys: the race for a key is decided here.
CREATE UNIQUE INDEX jobs_active_key ON jobs (owner, key) WHERE key IS NOT NULL AND status IN ('queued', 'running');
-- Claiming leads with the queue, so that neither a full queue nor a delayed job is ever stepped over.
CREATE INDEX jobs_to_claim ON jobs (queue, priority DESC, seq) WHERE ready = 1;
CREATE INDEX jobs_delayed ON jobs (run_after)
    WHERE status = 'queued' AND has_command = 1 AND ready = 0 AND open_dependencies = 0;
CREATE INDEX jobs_blocked ON jobs (seq) WHERE status = 'queued' AND has_command = 1 AND open_dependencies > 0;
CREATE INDEX jobs_to_start ON jobs (owner, seq) WHERE status = 'queued' AND has_command = 0;
CREATE INDEX jobs_running ON jobs (queue) WHERE status = 'running';
-- For gc and for statistics: what they filter by comes last, so that one index serves both.
CREATE INDEX jobs_ended ON jobs (owner, status, ended_at, retain_ms, attempt) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_to_prune_by_own_retention ON jobs (expires_at) WHERE ended_at IS NOT NULL AND retain_ms IS NOT NULL;

-- ---------------------------------------------------------------------------------------------
-- transitions: the state machine, one row an arrow (docs/state-machine.md).
CREATE TABLE transitions (
    from_status TEXT NOT NULL,
    verb        TEXT NOT NULL,
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

CREATE TRIGGER jobs_transition_is_legal BEFORE UPDATE OF status, verb ON jobs
WHEN NOT EXISTS (SELECT 1 FROM transitions
                 WHERE from_status = OLD.status AND verb = NEW.verb AND to_status = NEW.status)
BEGIN
    SELECT RAISE(ABORT, 'illegal transition of a job');
END;

CREATE TRIGGER jobs_terminal_is_immutable BEFORE UPDATE ON jobs
WHEN OLD.ended_at IS NOT NULL AND NEW.status = OLD.status
BEGIN
    SELECT RAISE(ABORT, 'a job that has ended cannot be changed');
END;

CREATE TRIGGER jobs_identity_is_immutable BEFORE UPDATE OF seq, job_id, owner, created_at ON jobs
BEGIN
    SELECT RAISE(ABORT, 'the identity of a job cannot be changed');
END;

CREATE TRIGGER jobs_active_are_kept BEFORE DELETE ON jobs
WHEN OLD.ended_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'a job that has not ended cannot be deleted');
END;

-- ---------------------------------------------------------------------------------------------
-- job_specs: what it takes to run a command. Cold; the environment never leaves the ledger.
CREATE TABLE job_specs (
    job_seq         INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
    argv            BLOB    NOT NULL,  -- words, each ended by a NUL byte
    cwd             BLOB    NOT NULL,  -- absolute path
    environment     BLOB    NOT NULL,  -- NAME=value, each ended by a NUL byte
    umask           INTEGER NOT NULL,
    result_from     TEXT    NOT NULL,
    log_limit_bytes INTEGER,           -- bytes of output kept
    keep_strays     INTEGER NOT NULL,  -- 1: processes it leaves behind are left alone
    on_end          BLOB,              -- for sh -c, once the job has ended
    progress_from   TEXT,              -- 'auto', or a regular expression for its output
    stdin           BLOB,              -- its standard input, any bytes; nothing: /dev/null
    CONSTRAINT result_from_valid CHECK (result_from IN ('report', 'stdout')),
    CONSTRAINT argv_given        CHECK (length(argv) > 0),
    CONSTRAINT keep_strays_valid CHECK (keep_strays IN (0, 1))
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
    after_id TEXT    NOT NULL,  -- stays when that job is forgotten
    met      INTEGER NOT NULL,  -- 1: that job ended done
    PRIMARY KEY (job_seq, after_id),
    CONSTRAINT met_valid CHECK (met IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX dependencies_to_resolve ON dependencies (after_id) WHERE met = 0;

-- ---------------------------------------------------------------------------------------------
-- attempts: one row a try. Its supervisor is the process that runs it; nothing: not known.
CREATE TABLE attempts (
    job_seq          INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    n                INTEGER NOT NULL,  -- from 1
    fence            INTEGER NOT NULL,
    host             TEXT,              -- for people
    boot_id          TEXT,
    pid_namespace    INTEGER,           -- inode
    supervisor_pid   INTEGER,
    supervisor_start INTEGER,           -- clock ticks since boot
    pid              INTEGER,           -- of the command; nothing: never spawned
    process_start    INTEGER,           -- clock ticks since boot
    started_at       INTEGER NOT NULL,  -- ms
    ended_at         INTEGER,           -- ms
    exit_code        INTEGER,
    signal           TEXT,
    outcome          TEXT,              -- how it ended, also when the job went on
    reason           TEXT,
    result           TEXT,              -- JSON reported so far; the job's once it ends done
    PRIMARY KEY (job_seq, n),
    CONSTRAINT outcome_valid      CHECK (outcome IN ('done', 'error', 'cancelled', 'lost')),
    CONSTRAINT outcome_ended      CHECK ((outcome IS NOT NULL) = (ended_at IS NOT NULL)),
    CONSTRAINT attempt_in_order   CHECK (coalesce(ended_at, started_at) >= started_at),
    CONSTRAINT supervisor_whole   CHECK ((supervisor_pid IS NULL) = (supervisor_start IS NULL)
                                         AND (supervisor_pid IS NULL) = (boot_id IS NULL)
                                         AND (supervisor_pid IS NULL) = (pid_namespace IS NULL)),
    CONSTRAINT process_supervised CHECK (pid IS NULL OR (supervisor_pid IS NOT NULL AND process_start IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------
-- events: what happened, in the order in which it did. Transitions are written by triggers, so that
-- none can go untold; what is not a transition stays in the status it found. Never changed, and gone
-- only with the job.
CREATE TABLE events (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of things in the whole ledger
    job_seq     INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    at          INTEGER NOT NULL,  -- ms
    type        TEXT    NOT NULL,
    from_status TEXT,
    to_status   TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    reason      TEXT
) STRICT;

CREATE INDEX events_of_job ON events (job_seq, seq);

CREATE TRIGGER events_are_immutable BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'history cannot be changed');
END;

-- A job that is deleted is gone already when its events follow it.
CREATE TRIGGER events_are_kept BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM jobs WHERE seq = OLD.job_seq)
BEGIN
    SELECT RAISE(ABORT, 'history cannot be changed');
END;

CREATE TRIGGER jobs_birth_is_told AFTER INSERT ON jobs
BEGIN
    INSERT INTO events (job_seq, at, type, from_status, to_status, actor, reason)
    VALUES (NEW.seq, NEW.updated_at, NEW.verb, NULL, NEW.status, NEW.actor, NEW.reason);
END;

-- An edit leaves the job the reason of what happened before; it is not why it was edited.
CREATE TRIGGER jobs_transition_is_told AFTER UPDATE OF status ON jobs
BEGIN
    INSERT INTO events (job_seq, at, type, from_status, to_status, actor, reason)
    VALUES (NEW.seq, NEW.updated_at, NEW.verb, OLD.status, NEW.status, NEW.actor,
            iif(NEW.verb = 'edit', NULL, NEW.reason));
END;

-- ---------------------------------------------------------------------------------------------
-- counters: jobs by owner, queue, kind and status, kept by triggers: statistics never scan.
CREATE TABLE counters (
    owner  TEXT    NOT NULL,
    queue  TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    status TEXT    NOT NULL,
    jobs   INTEGER NOT NULL,
    PRIMARY KEY (owner, queue, kind, status),
    CONSTRAINT jobs_counted CHECK (jobs >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER jobs_birth_is_counted AFTER INSERT ON jobs
BEGIN
    INSERT INTO counters (owner, queue, kind, status, jobs)
    VALUES (NEW.owner, NEW.queue, NEW.kind, NEW.status, 1)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER jobs_move_is_counted AFTER UPDATE OF status, queue, kind ON jobs
WHEN (OLD.status, OLD.queue, OLD.kind) IS NOT (NEW.status, NEW.queue, NEW.kind)
BEGIN
    UPDATE counters SET jobs = jobs - 1
    WHERE owner = OLD.owner AND queue = OLD.queue AND kind = OLD.kind AND status = OLD.status;
    INSERT INTO counters (owner, queue, kind, status, jobs)
    VALUES (NEW.owner, NEW.queue, NEW.kind, NEW.status, 1)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER jobs_end_is_counted AFTER DELETE ON jobs
BEGIN
    UPDATE counters SET jobs = jobs - 1
    WHERE owner = OLD.owner AND queue = OLD.queue AND kind = OLD.kind AND status = OLD.status;
END;

-- ---------------------------------------------------------------------------------------------
-- queues: those in which nothing new starts. No queue can be named '*': that row pauses them all.
CREATE TABLE queues (
    queue     TEXT PRIMARY KEY,
    paused_by TEXT    NOT NULL,
    paused_at INTEGER NOT NULL  -- ms
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    worker_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    host          TEXT    NOT NULL,  -- for people
    boot_id       TEXT    NOT NULL,
    pid_namespace INTEGER NOT NULL,  -- inode
    pid           INTEGER NOT NULL,
    process_start INTEGER NOT NULL,  -- clock ticks since boot
    queues        TEXT,              -- names between commas; nothing: all
    slots         INTEGER NOT NULL,  -- jobs it runs at a time
    draining      INTEGER NOT NULL,  -- 1: takes no more work
    started_at    INTEGER NOT NULL,  -- ms
    heartbeat_at  INTEGER NOT NULL,  -- ms
    CONSTRAINT slots_given    CHECK (slots > 0),
    CONSTRAINT draining_valid CHECK (draining IN (0, 1))
) STRICT;

-- tombstones: so that `expired` can be told from `never existed`.
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
