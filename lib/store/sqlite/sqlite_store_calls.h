#pragma once

#include "base/error.h"
#include "store/sqlite/connection/transaction.h"
#include "store/sqlite/sqlite_store.h"

#include <type_traits>
#include <utility>

// How the functions of SqliteStore run: what these templates promise is in sqlite_store.h.
namespace atlasjob::sqlite {

template <class Body>
auto SqliteStore::call(Body& body) {
    if constexpr (std::is_invocable_v<Body&, Connection&, Time>) {
        return body(*connection_, clock_.now());
    } else {
        return body(*connection_);
    }
}

template <class Run>
auto SqliteStore::diagnosed(Run run) {
    try {
        return run();
    } catch (const std::exception& failure) {
        throw_if_damaged(failure);
        throw;
    }
}

template <class Body>
auto SqliteStore::write(Durability durability, Notify notify, Body body, Target target) {
    require_write_mode();
    bool written = false;
    const auto run = [&] {
        WriteTransaction transaction{writing_connection(target), durability};
        auto result = call(body);
        written = transaction.commit();
        return result;
    };
    try {
        auto result = diagnosed(run);
        if (written && notify == Notify::yes) notify_change();
        return result;
    } catch (const Error& error) {
        if (connection_ && error.code() == ErrorCode::outcome_unknown) drop_connection();
        throw;
    }
}

template <class Body>
auto SqliteStore::write_to_file(Durability durability, Notify notify, Body body) {
    return write(durability, notify, std::move(body), Target::file);
}

template <class Body>
auto SqliteStore::read(Body body) {
    return diagnosed([&] {
        const ReadTransaction snapshot{reading_connection()};
        if constexpr (std::is_void_v<decltype(call(body))>) {
            call(body);
            require_current();
        } else {
            auto result = call(body);
            require_current();
            return result;
        }
    });
}

}  // namespace atlasjob::sqlite
