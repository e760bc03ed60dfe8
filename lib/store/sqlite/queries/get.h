#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

// Store::get, command_of, hook_of, cancelled_dependents, tombstone, count, events_since and
// event_position, on the caller's snapshot.

std::optional<Job> find_job(
    Connection& connection, const JobRef& ref, const Principal& principal, Detail detail);
std::optional<CommandSpec> find_command(Connection& connection, const JobId& id);
std::optional<CommandSpec> find_hook(Connection& connection, const JobId& id);
std::vector<Job> find_cancelled_dependents(Connection& connection, const JobId& id);
std::optional<Tombstone> find_tombstone(
    Connection& connection, const JobRef& ref, const Principal& principal);
std::vector<Count> count_jobs(Connection& connection, const Principal& principal);
std::vector<Event> events_since(
    Connection& connection, const EventQuery& filter, const Principal& principal);
EventPosition event_position(
    Connection& connection, std::int64_t after_seq, const Principal& principal, Time now);

}  // namespace atlasjob::sqlite
