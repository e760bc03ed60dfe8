#pragma once

#include "ledger/store.h"

#include <cstdint>
#include <optional>
#include <string>

namespace atlasjob::cli {

/// The last event that a reader has been given.
struct EventMark {
    std::int64_t seq = 0;
    std::optional<Time> at = std::nullopt;  ///< nullopt: unknown.

    friend bool operator==(const EventMark&, const EventMark&) = default;
};

/// Whether the ledger may have issued the mark: its events reach so far, and its event of that
/// number is of that time. True if that event has been deleted with its job, which cannot be
/// checked. Throws Error if the ledger cannot be read.
[[nodiscard]] bool may_be_of(Store& store, const EventMark& mark);

/// A mark kept in a file, so that the next reader continues there: "<seq> <ms since 1970>". The
/// time shows whether the ledger was replaced or restored: its event numbers are then unrelated.
class EventCursor {
  public:
    explicit EventCursor(std::string path) : path_(std::move(path)) {}

    /// The saved mark; 0 if the file does not exist or is empty. Throws invalid_argument if it
    /// holds something else, and unavailable if it cannot be read.
    [[nodiscard]] EventMark load();
    /// Replaces the file atomically and durably, unless it has this mark already. Several readers
    /// may share the file: the last one to save wins. Throws unavailable if it cannot be written.
    void save(const EventMark& mark);

  private:
    std::string path_;
    std::optional<EventMark> saved_;
};

}  // namespace atlasjob::cli
