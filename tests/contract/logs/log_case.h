#pragma once

#include "contract/logs/log_store_factory.h"
#include "support/catch_string_makers.h"
#include "support/fake_clock.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::test {

inline constexpr Stream kOut = Stream::standard_output;
inline constexpr Stream kErr = Stream::standard_error;
/// A limit that a few hundred short lines reach.
inline constexpr std::int64_t kSmallLimit = 4096;

/// The fixture of all tests of the suite: a new place for output of each kind in turn, a store
/// opened on it, a fake clock and a job.
struct LogCase {
    LogCase();

    std::unique_ptr<LogWriter> writer(int attempt = 1, std::int64_t limit = 1 << 20) const {
        return logs->open_writer({id, attempt, limit});
    }
    /// Removes the job's output, of at most so many attempts.
    int remove_output(int attempts) const {
        return logs->remove(std::array{PrunedJob{id, 0, attempts}});
    }
    /// All output of one attempt and stream (nullopt: both), as text.
    std::string text(std::optional<Stream> only = {}, int attempt = 1) const;
    /// Reads all pages from `offset` to the current end and advances `offset`. "[...]" stands for
    /// dropped output.
    std::string read_from(
        std::int64_t& offset, std::size_t limit_bytes, std::optional<Stream> only = {}) const;
    /// The last lines of an attempt.
    std::vector<std::string> tail(std::size_t lines, int attempt = 1) const;
    /// All output that the follower has now, byte for byte. "[...]" stands for dropped output.
    static std::string read(LogFollower& follower);

    std::unique_ptr<LogPlace> place;
    FakeClock clock;
    std::unique_ptr<LogStore> logs;
    JobId id = JobId::make(clock.now());
};

/// Writes output that readers see on return, but for an unfinished line.
void put(LogWriter& writer, Stream stream, std::string_view bytes);

/// "line 0007\n" and so on, up to but without line `to`.
std::string numbered(int from, int to);

std::vector<std::string> texts(const std::vector<LogLine>& lines);

}  // namespace atlasjob::test
