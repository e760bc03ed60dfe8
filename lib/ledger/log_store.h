#pragma once

#include "base/time.h"
#include "ledger/job.h"
#include "ledger/job_input.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// The two outputs of a command.
enum class Stream { standard_output, standard_error };

/// A piece of a command's output, as it was recorded. The text may contain any bytes but a line
/// end, so joining the records of a stream restores exactly what was written.
struct LogRecord {
    Time time;  ///< When the supervisor received it.
    Stream stream = Stream::standard_output;
    bool partial = false;  ///< The line continues in the next record of its stream, if any.
    std::string_view text;
};

/// One line of a command's output, joined from its records.
struct LogLine {
    Time time;  ///< Of its first record.
    Stream stream = Stream::standard_output;
    bool complete = true;  ///< False if it has no line end.
    std::string text;      ///< Without its line end; any bytes.
};

/// How much output the functions that look for last lines usually search, in bytes. Lines before
/// that are left out or lose their beginning.
inline constexpr std::int64_t kTailBytes = 4LL * 1024 * 1024;

/// Writes the output of one attempt. Keeps its size limit: the beginning and the newest output are
/// kept, the middle is dropped.
///
/// Never throws, and waits only for what the output is kept on: a log that cannot be written (disk
/// full, no permission) must not stop the command. Bytes that could not be written are counted, and
/// noted in the log once it is writable again. The destructor writes what is held back. Not
/// thread-safe.
class LogWriter {
  public:
    LogWriter() = default;
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;
    virtual ~LogWriter() = default;

    /// Writes output of the command. An unfinished line is held back until it ends, gets too long,
    /// or flush_partial() is called. Readers see the rest soon: at once, or within 250 ms if the
    /// store gathers it first.
    virtual void write(Stream stream, std::string_view bytes) = 0;
    /// Whether an unfinished line is held back.
    virtual bool holds_partial() const = 0;
    /// Writes unfinished lines, too. Readers see everything on return.
    virtual void flush_partial() = 0;
    /// Writes a note by atlasjob as a line of standard error: "atlasjob: …".
    virtual void note(std::string_view text) = 0;

    /// Why the log cannot be written now; nullopt if it can.
    virtual std::optional<std::string> why_unwritable() = 0;
    /// The size of what is kept of this attempt, as stored.
    virtual std::int64_t bytes() const = 0;
    /// Bytes of the log that could not be written and are not yet noted in it.
    virtual std::int64_t unwritten_bytes() const = 0;
    /// All bytes of the output that could not be written, noted in the log or not: as the command
    /// wrote them, without what the log adds to them.
    virtual std::int64_t lost_bytes() const = 0;
    /// Why bytes could last not be written; empty if all were.
    virtual std::string why_unwritten() const = 0;
};

/// Selects the last lines of an attempt's output.
struct TailRequest {
    std::size_t lines = 0;
    std::optional<Stream> only{};             ///< nullopt: both streams.
    std::optional<std::int64_t> max_bytes{};  ///< How much to search; nullopt: everything.
};

/// Reads a job's output in the order in which it was written, and on to later attempts, while more
/// is being written. Output that it has begun to read is not lost if it is dropped or removed
/// meanwhile. Not thread-safe.
class LogFollower {
  public:
    struct Attempts {
        int first = 1;
        std::optional<int> last{};  ///< nullopt: no limit.
    };
    struct Calls {
        std::function<void(const LogRecord& record)> record;
        /// Output is missing here: it was dropped to stay within the job's log limit.
        std::function<void()> dropped;
    };

    LogFollower() = default;
    LogFollower(const LogFollower&) = delete;
    LogFollower& operator=(const LogFollower&) = delete;
    virtual ~LogFollower() = default;

    /// Returns the last lines of the first attempt, oldest first, ordered by when they ended;
    /// incomplete lines come last. read_some() continues after them. Throws Error(unavailable) if
    /// the output may not be read.
    virtual std::vector<LogLine> skip_to_tail(const TailRequest& request) = 0;
    /// Passes the next records to `calls`; false if there are none now. Throws as skip_to_tail().
    virtual bool read_some(const Calls& calls) = 0;

    /// Starts to watch for output. Returns a descriptor that becomes readable once there may be
    /// more than read_some() has passed on, and that read_some() makes unreadable again; it belongs
    /// to this object. -1 if there is none: then poll. Call it before reading what is there, or
    /// output written in between does not notify.
    virtual int watch() = 0;
};

/// Selects output of one attempt, to be read as text.
struct LogSource {
    JobId job_id;
    int attempt = 1;
    std::optional<Stream> only{};  ///< nullopt: both streams, in the order written.
    /// No more will be written. If false, an incomplete UTF-8 character at the end is left for the
    /// next page.
    bool ended = false;
};

/// A part of an attempt's output as UTF-8 text; every invalid byte is replaced by U+FFFD.
///
/// An offset is a position in the output that a LogSource selects: 0 is the beginning, any other
/// comes from a previous page. It stays valid when output is dropped, and is at most 2^53 - 1 for
/// clients in JSON; callers must not compute with it.
struct LogPage {
    std::string text;
    std::int64_t next_offset = 0;
    bool at_end = false;   ///< There is no more output now.
    bool dropped = false;  ///< Output before this text was dropped to stay within the log limit.
};

/// Limits of LogStore::tail().
struct TailLimits {
    std::size_t lines = 0;
    std::size_t bytes = 0;                ///< Of text.
    std::int64_t max_bytes = kTailBytes;  ///< How much to search, counting both streams.
};

/// How much output of a job is kept. Two equal extents, read one after the other, mean that none
/// was written in between.
struct LogExtent {
    std::int64_t bytes = 0;     ///< Of all attempts, as stored.
    std::int64_t revision = 0;  ///< Grows when output is dropped.

    bool operator==(const LogExtent&) const = default;
};

/// Output that is kept for a job, as gc sees it.
struct LogEntry {
    JobId job_id;
    int parts = 0;  ///< What removing it would count.
    std::int64_t bytes = 0;
    Time written_at;  ///< When the newest of it was written.
};

/// What LogStore::sweep() does with a job's output, or that it stops there.
enum class SweepVerdict { keep, remove, stop };

/// Whether new output can be kept, for doctor.
struct LogHealth {
    bool ok = true;
    std::string text;  ///< What was found; if not ok, what is wrong.
    std::string fix;   ///< What to do if not ok.
};

/// Keeps the output of a ledger's jobs. Knows jobs by their ids only and never asks the ledger, so
/// that output can be written while the ledger is away.
///
/// All functions may be called from any thread. What they return is independent of other calls, but
/// must not outlive the store. Reading throws Error(unavailable) if the output may not be read; a
/// job without output is not an error.
class LogStore {
  public:
    LogStore() = default;
    LogStore(const LogStore&) = delete;
    LogStore& operator=(const LogStore&) = delete;
    virtual ~LogStore() = default;

    struct Target {
        JobId job_id;
        int attempt = 1;
        std::int64_t limit_bytes = 0;  ///< Of what is kept, as stored.
    };
    /// Only the attempt's supervisor may write. Creates nothing before the first byte.
    virtual std::unique_ptr<LogWriter> open_writer(const Target& target) = 0;

    /// The page at `offset`: at most `limit_bytes` of text, but at least one character. A page does
    /// not extend across dropped output.
    virtual LogPage page(const LogSource& source, std::int64_t offset, std::size_t limit_bytes) = 0;
    /// The last lines that fit the limits; next_offset is the end of the output. If the last line
    /// alone is too long, its beginning is cut off.
    virtual LogPage tail(const LogSource& source, const TailLimits& limits) = 0;
    virtual std::unique_ptr<LogFollower> follow(
        const JobId& job_id, LogFollower::Attempts attempts) = 0;
    virtual LogExtent extent(const JobId& job_id) = 0;
    /// How much output of one attempt is kept, in bytes as stored; 0 if there is none.
    [[nodiscard]] virtual std::int64_t kept_bytes(const JobId& job_id, int attempt) = 0;

    /// Removes the output of all attempts of these jobs; returns how many parts it was kept in.
    /// Leaves output alone that may not be read. Does not throw for what cannot be removed.
    virtual int remove(std::span<const PrunedJob> jobs) = 0;
    /// Calls `judge` with each job that has output, in no particular order, and removes what it
    /// says; returns how many parts that were. Leaves output alone that may not be read.
    virtual int sweep(const std::function<SweepVerdict(const LogEntry&)>& judge) = 0;

    virtual LogHealth check() = 0;
    /// Where the output is kept, for messages; without secrets.
    virtual std::string display() const = 0;
    /// Where people find the output of one attempt without this program; nullopt if they cannot.
    virtual std::optional<std::string> display(const JobId& job_id, int attempt) const = 0;

    /// The other direction: what interactive attempts read. Lives as long as this store.
    virtual JobInput& input() = 0;
};

}  // namespace atlasjob
