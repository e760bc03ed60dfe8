#include "runner/attempt/environment.h"

#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace atlasjob {

namespace {

constexpr std::string_view kJobId = "ATLASJOB_JOB_ID";
constexpr std::string_view kAttempt = "ATLASJOB_ATTEMPT";
constexpr std::string_view kPrincipal = "ATLASJOB_PRINCIPAL";
constexpr std::string_view kReportFd = "ATLASJOB_REPORT_FD";
constexpr std::string_view kLedgerProcess = "ATLASJOB_PROCESS";
constexpr std::array kAttemptNames = {kJobId, kAttempt, kReportFd};
constexpr std::array kContextNames = {kJobId,     kAttempt,  kLedgerVariable,
                                      kPrincipal, kReportFd, kLedgerProcess};

bool has_name(std::string_view entry, std::string_view name) {
    return entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name);
}

void remove_all(Environment& environment, std::span<const std::string_view> removed) {
    std::erase_if(environment, [&](std::string_view entry) {
        return std::ranges::any_of(
            removed, [&](std::string_view name) { return has_name(entry, name); });
    });
}

auto find_entry(auto& environment, std::string_view name) {
    return std::ranges::find_if(
        environment, [&](std::string_view entry) { return has_name(entry, name); });
}

}  // namespace

std::string_view find_variable(const Environment& environment, std::string_view name) {
    const auto entry = find_entry(environment, name);
    if (entry == environment.end()) return {};
    return std::string_view{*entry}.substr(name.size() + 1);
}

void set_variable(Environment& environment, std::string_view name, std::string_view value) {
    std::string text = fmt::format("{}={}", name, value);
    const auto entry = find_entry(environment, name);
    if (entry == environment.end()) {
        environment.push_back(std::move(text));
    } else {
        *entry = std::move(text);
    }
}

void remove_context(Environment& environment) {
    remove_all(environment, kContextNames);
}

void remove_attempt(Environment& environment) {
    remove_all(environment, kAttemptNames);
}

void set_context(Environment& environment, const CommandContext& context) {
    remove_context(environment);
    for (std::string& mark : attempt_marks(context.job_id, context.attempt))
        environment.push_back(std::move(mark));
    set_variable(environment, kLedgerVariable, context.ledger.to_environment());
    set_variable(environment, kPrincipal, context.principal);
    set_variable(environment, kReportFd, std::to_string(kReportDescriptor));
}

std::string ledger_process_mark() {
    return fmt::format("{}=1", kLedgerProcess);
}

bool names_job(pid_t process) {
    const auto entries = read_file(fmt::format("/proc/{}/environ", process));
    if (!entries) return true;
    return std::ranges::any_of(
        split(*entries, '\0'), [](std::string_view entry) { return has_name(entry, kJobId); });
}

std::vector<std::string> attempt_marks(std::string_view job_id, int attempt) {
    return {fmt::format("{}={}", kJobId, job_id), fmt::format("{}={}", kAttempt, attempt)};
}

}  // namespace atlasjob
