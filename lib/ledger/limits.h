#pragma once

#include "ledger/job.h"
#include "ledger/worker.h"

namespace atlasjob {

struct Note;

inline constexpr std::size_t kMaxWord = 64;     ///< Characters of a kind, queue or label key.
inline constexpr std::size_t kMaxLine = 1024;   ///< Bytes of a name, key or label value.
inline constexpr std::size_t kMaxText = 16384;  ///< Bytes of a phase, message or error.
inline constexpr std::size_t kMaxInput = 16UL * 1024 * 1024;  ///< Bytes of standard input.
inline constexpr int kMaxPriority = 1'000'000;                ///< The minimum is its negative.
inline constexpr int kMaxAttempts = 1000;
inline constexpr double kMaxBackoffFactor = 100.0;
inline constexpr int kMaxSlots = 1024;  ///< Each slot is a process.
/// 100 years, as in duration.h: adding it to a time never overflows.
inline constexpr milliseconds kMaxSpan = std::chrono::hours{24} * 36'600;

/// Each check throws Error(invalid_argument) with the field, the value and what is allowed.
void check_label(const Label& label);
/// One line of UTF-8, not empty, such as a name.
void check_line(std::string_view field, const std::optional<std::string>& value);
/// The name of a signal that ends a process, "SIGINT" for "int" or "2"; nullopt for any other text.
[[nodiscard]] std::optional<std::string> kill_signal_name(std::string_view text);
/// Whether a delay may grow by this factor: from 1 (constant) to kMaxBackoffFactor. NaN may not.
[[nodiscard]] bool is_backoff_factor(double factor);
void check_progress(double progress);
void check(const NewJob& job);
void check(const JobEdit& edit);
void check(const NewWorker& worker);
void check_queue(const std::string& queue);
/// The type of a note in a history: lower-case letters and underscores, not the name of a Verb.
void check_event_type(const std::string& type);
void check(const Note& note);
void check(const Report& report);
/// CommandSpec::progress_from: "auto", or a pattern that Regex accepts, with one or two groups.
void check_progress_pattern(const std::string& from);

/// Truncates `text` to at most `bytes` at a character boundary and repairs its UTF-8. For text from
/// running programs: bad output must not make recording it fail.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t bytes = kMaxText);

}  // namespace atlasjob
