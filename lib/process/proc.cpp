#include "process/proc.h"

#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

namespace atlasjob {

namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

/// The entries of `path` whose names are numbers.
std::vector<pid_t> numbers_in(const std::string& path) {
    std::vector<pid_t> numbers;
    const std::unique_ptr<DIR, CloseDirectory> directory{opendir(path.c_str())};
    if (!directory) return numbers;
    // One thread reads this stream, so readdir is safe.
    while (const dirent* entry = readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
        const std::string_view name{static_cast<const char*>(entry->d_name)};
        if (const auto number = parse_integer<pid_t>(name)) numbers.push_back(*number);
    }
    return numbers;
}

std::vector<pid_t> children_by_scan() {
    std::vector<pid_t> children;
    for (const pid_t pid : all_pids()) {
        const auto stat = proc_stat(pid);
        if (stat && stat->parent == getpid()) children.push_back(pid);
    }
    return children;
}

}  // namespace

std::optional<ProcStat> parse_proc_stat(std::string_view text) {
    // pid (name) state ppid pgrp session …: the name may contain spaces and parentheses, so the
    // fields are counted from the last closing parenthesis.
    const std::size_t open = text.find(" (");
    const std::size_t close = text.rfind(") ");
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    const auto fields = split(trim(text.substr(close + 2)), ' ');
    constexpr std::size_t kStartField = 22 - 3;  // numbered as in proc(5), which counts from 1
    if (fields.size() <= kStartField || fields[0].size() != 1) return {};
    const auto pid = parse_integer<pid_t>(text.substr(0, open));
    const auto parent = parse_integer<pid_t>(fields[1]);
    const auto group = parse_integer<pid_t>(fields[2]);
    const auto session = parse_integer<pid_t>(fields[3]);
    const auto start = parse_integer<std::uint64_t>(fields[kStartField]);
    if (!pid || !parent || !group || !session || !start) return {};
    return ProcStat{*pid, fields[0][0], *parent, *group, *session, *start};
}

std::optional<ProcStat> proc_stat(pid_t pid) {
    const auto text = read_file(fmt::format("/proc/{}/stat", pid));
    return text ? parse_proc_stat(*text) : std::nullopt;
}

std::optional<uid_t> account_of(pid_t pid) {
    struct stat status {};
    if (stat(fmt::format("/proc/{}", pid).c_str(), &status) != 0) return {};
    return status.st_uid;
}

std::vector<pid_t> all_pids() {
    return numbers_in("/proc");
}

std::vector<pid_t> own_children() {
    std::vector<pid_t> children;
    for (const pid_t thread : numbers_in("/proc/self/task")) {
        const auto text = read_file(fmt::format("/proc/self/task/{}/children", thread));
        // A kernel without CONFIG_PROC_CHILDREN has no such file.
        if (!text) return children_by_scan();
        for (const std::string_view word : split(trim(*text), ' ')) {
            if (const auto pid = parse_integer<pid_t>(word)) children.push_back(*pid);
        }
    }
    return children;
}

}  // namespace atlasjob
