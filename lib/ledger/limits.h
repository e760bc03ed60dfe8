#pragma once

#include "ledger/job.h"
#include "ledger/worker.h"

namespace atlasjob {

inline constexpr std::size_t kMaxWord = 64;     ///< Characters of a kind, queue or label key.
inline constexpr std::size_t kMaxLine = 1024;   ///< Bytes of a name, key or label value.
inline constexpr std::size_t kMaxText = 16384;  ///< Bytes of a phase, message or error.
inline constexpr std::size_t kMaxInput = 16UL * 1024 * 1024;  ///< Bytes of a standard input.
inline constexpr int kMaxPriority = 1'000'000;                ///< And, negated, the lowest.
inline constexpr int kMaxAttempts = 1000;
inline constexpr int kMaxSlots = 1024;  ///< Each is a process.
/// 100 years, as in duration.h: a span that can always be added to a time.
inline constexpr milliseconds kMaxSpan = std::chrono::hours{24} * 36'600;

/// Each throws Error(invalid_argument) that names the field, the value and what is allowed.
void check_label(const Label& label);
void check_progress(double progress);
void check(const NewJob& job);
void check(const JobEdit& edit);
void check(const NewWorker& worker);
void check_queue(const std::string& queue);
/// Of something noted in a history: a word in small letters that is not a Verb.
void check_event_type(const std::string& type);
void check(const Report& report);

/// `text` cut to at most `bytes` at a character boundary, repaired to UTF-8. For texts that come
/// from a running program, which must not be able to fail its own bookkeeping.
std::string clipped(std::string_view text, std::size_t bytes = kMaxText);

}  // namespace atlasjob
