#include "base/error.h"
#include "store/sqlite/file/ledger_file.h"
#include "store/sqlite/health.h"
#include "store/sqlite/sqlite_store.h"

#include <fmt/format.h>

#include <new>
#include <utility>

namespace atlasjob::sqlite {

Connection& SqliteStore::connection() {
    if (connection_) return *connection_;
    if (file_ && file_identity(current_path_) != file_) throw ledger_moved(path_);
    connection_ = open_ledger(current_path_, mode_, migrations_, clock_.now());
    damage_sought_ = false;
    damage_.reset();
    if (file_ && connection_->identity() != file_) {
        connection_.reset();
        throw ledger_moved(path_);
    }
    return *connection_;
}

Connection& SqliteStore::writing_connection(Target target) {
    connection();
    follow_file();
    if (target == Target::path && !is_at_path()) throw ledger_moved(path_);
    return *connection_;
}

Connection& SqliteStore::reading_connection() {
    if (mode_ == Connection::Mode::read) {
        if (connection_ && (!connection_->is_at_path() || connection_->is_outdated()))
            connection_.reset();
        return connection();
    }
    connection();
    follow_file();
    return *connection_;
}

bool SqliteStore::is_at_path() const {
    return connection_->path() == path_ || file_identity(path_) == file_;
}

void SqliteStore::follow_file() {
    if (!connection_->follow_file()) throw ledger_moved(path_);
    if (connection_->path() == current_path_) return;
    current_path_ = connection_->path();
    change_signal_ = ChangeSignal{current_path_};
}

/// Closes a connection whose cached state may differ from the file; the next verb opens a new one.
void SqliteStore::drop_connection() {
    // Find the file first: once the connection is closed, /proc/self/fd no longer shows its path.
    if (connection_->follow_file()) current_path_ = connection_->path();
    connection_.reset();
}

/// Does nothing if the ledger is gone: nobody is watching, and no `.bell` file must be left behind.
void SqliteStore::notify_change() {
    if (connection_->is_at_path()) change_signal_.notify();
}

void SqliteStore::require_write_mode() const {
    if (mode_ != Connection::Mode::read) return;
    throw Error(
        ErrorCode::refused, fmt::format("the ledger {} is open for reading only", path_),
        "open it for writing");
}

void SqliteStore::require_current() {
    if (!connection_ || !connection_->is_outdated()) return;
    throw Error(
        ErrorCode::unavailable, fmt::format("the ledger {} was written while it was read", path_),
        "try again");
}

void SqliteStore::throw_if_damaged(const std::exception& failure) {
    if (!connection_ || dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) return;
    require_current();
    const auto* error = dynamic_cast<const Error*>(&failure);
    if (error != nullptr && error->code() == ErrorCode::not_a_ledger)
        connection_->require_readable();
    if (error != nullptr && error->code() != ErrorCode::internal) return;
    if (!std::exchange(damage_sought_, true)) damage_ = find_damage(*connection_);
    if (!damage_) return;
    throw Error(
        ErrorCode::not_a_ledger, fmt::format("the ledger {} is damaged: {}", path_, *damage_),
        "see atlasjob doctor; restore a backup");
}

}  // namespace atlasjob::sqlite
