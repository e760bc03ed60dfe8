#include "mcp/jobs/shown_job.h"

#include "ledger/limits.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace atlasjob::mcp {

namespace {

/// How much of a long argument of a command is shown.
constexpr std::size_t kMaxArgument = 1024;

/// The bytes of a value over the limit; 0 for any other.
std::size_t excess(const std::optional<std::string>& value, std::size_t max_bytes) {
    return value && value->size() > max_bytes ? value->size() : 0;
}

std::size_t length_of(const std::vector<std::string>& argv) {
    std::size_t bytes = 0;
    for (const std::string& argument : argv)
        bytes += argument.size();
    return bytes;
}

std::vector<std::string> shortened(const std::vector<std::string>& argv, std::size_t max_bytes) {
    std::vector<std::string> kept;
    std::size_t bytes = 0;
    for (const std::string& argument : argv) {
        std::string part = clipped(argument, kMaxArgument);
        bytes += part.size();
        if (bytes > max_bytes) break;
        kept.push_back(std::move(part));
    }
    return kept;
}

}  // namespace

std::string omitted_json(std::size_t bytes) {
    return fmt::format(R"({{"omitted_bytes":{}}})", bytes);
}

ShownJob::ShownJob(const Job& job, std::size_t max_bytes, Instead instead)
    : job_(job),
      result_bytes_(excess(job.result, max_bytes)),
      target_bytes_(excess(job.target, max_bytes)) {
    const std::size_t command = length_of(job.command);
    if (command > max_bytes) command_bytes_ = command;
    if (result_bytes_ + target_bytes_ + command_bytes_ == 0) return;
    shortened_ = job;
    if (result_bytes_ > 0 && instead == Instead::nothing) shortened_->result.reset();
    if (result_bytes_ > 0 && instead == Instead::omitted_bytes)
        shortened_->result = omitted_json(result_bytes_);
    if (target_bytes_ > 0) shortened_->target = omitted_json(target_bytes_);
    if (command_bytes_ > 0) shortened_->command = shortened(job.command, max_bytes);
}

void ShownJob::add_omissions(view::JsonObject& object, std::string_view job_uri) const {
    if (is_whole()) return;
    const auto add = [&](std::string_view key, std::size_t bytes) {
        if (bytes > 0) object.integer(key, static_cast<std::int64_t>(bytes));
    };
    add("result_omitted_bytes", result_bytes_);
    add("target_omitted_bytes", target_bytes_);
    add("command_omitted_bytes", command_bytes_);
    object.text("omitted_uri", fmt::format("{}{}", job_uri, job_.job_id.view()));
    object.text("omitted_command", fmt::format("atlasjob status --json {}", job_.job_id.view()));
}

}  // namespace atlasjob::mcp
