#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace atlasjob::cli {

/// The number of the last event that a reader has been told, kept in a file, so that the next one
/// continues there.
class EventCursor {
  public:
    explicit EventCursor(std::string path) : path_(std::move(path)) {}

    /// The saved number; 0 if there is no file yet. Throws invalid_argument if the file holds
    /// something else, and unavailable if it cannot be read.
    [[nodiscard]] std::int64_t load();
    /// Replaces the file atomically, unless it has this number already. Throws unavailable if it
    /// cannot be written.
    void save(std::int64_t seq);

  private:
    std::string path_;
    std::optional<std::int64_t> saved_;
};

}  // namespace atlasjob::cli
