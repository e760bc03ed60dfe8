#include "store/sqlite/file/ledger_file.h"
#include "store/sqlite/sqlite_store.h"

namespace atlasjob::sqlite {

Connection& SqliteStore::connection() {
    if (connection_) return *connection_;
    if (file_ && file_identity(place_) != file_) throw ledger_moved(path_);
    connection_ = open_ledger(place_, mode_, migrations_, opened_at_);
    if (file_ && connection_->identity() != file_) {
        connection_.reset();
        throw ledger_moved(path_);
    }
    return *connection_;
}

Connection& SqliteStore::writing_connection(Reach reach) {
    connection();
    follow_file();
    if (reach == Reach::address && !is_at_address()) throw ledger_moved(path_);
    return *connection_;
}

Connection& SqliteStore::reading_connection() {
    if (mode_ == Connection::Mode::read) {
        if (connection_ && !connection_->still_named()) connection_.reset();
        return connection();
    }
    connection();
    follow_file();
    return *connection_;
}

bool SqliteStore::is_at_address() const {
    return connection_->path() == path_ || file_identity(path_) == file_;
}

void SqliteStore::follow_file() {
    if (!connection_->follow_file()) throw ledger_moved(path_);
    if (connection_->path() == place_) return;
    place_ = connection_->path();
    change_signal_ = ChangeSignal{place_};
}

/// What the connection believes may not be what the file says: the next verb starts afresh.
void SqliteStore::let_go_of_connection() {
    // Once it is closed, nothing tells any more where the file is.
    if (connection_->follow_file()) place_ = connection_->path();
    connection_.reset();
}

/// Where the ledger is gone, nobody listens, and no bell is to be left behind.
void SqliteStore::notify_change() {
    if (connection_->still_named()) change_signal_.ring();
}

}  // namespace atlasjob::sqlite
