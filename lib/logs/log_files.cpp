#include "logs/log_files.h"

#include "base/error.h"
#include "base/text.h"
#include "logs/log_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace atlasjob {

namespace {

constexpr std::size_t kIdLength = 36;

constexpr std::string_view kLog = "log";
constexpr std::string_view kInput = "stdin";

/// Reads "<job_id>.<attempt>.<what>" and "<job_id>.<attempt>.<what>.<n>".
std::optional<LogFile> parse_name(const std::string& name, std::string_view what) {
    const auto parts = split(name, '.');
    if (parts.size() < 3 || parts.size() > 4 || parts[2] != what) return {};
    const auto id = JobId::parse(parts[0]);
    const auto attempt = parse_integer<int>(parts[1]);
    const auto segment = parts.size() == 4 ? parse_integer<int>(parts[3]) : std::optional{0};
    if (!id || !attempt || !segment || id->view() != parts[0]) return {};
    return LogFile{*id, *attempt, *segment, {}, 0, {}};
}

std::optional<LogFile> find_file(const LogFolder& folder, const std::string& name) {
    auto file = parse_name(name, kLog);
    if (!file) return {};
    const auto status = folder.status_of(name, S_IFREG);
    if (!status) return {};
    file->bytes = status->st_size;
    file->modified_at =
        from_ms(status->st_mtim.tv_sec * 1000 + status->st_mtim.tv_nsec / 1'000'000);
    return file;
}

auto written_order(const LogFile& file) {
    const int segment = file.segment == 0 ? std::numeric_limits<int>::max() : file.segment;
    return std::pair{file.attempt, segment};
}

int remove_all(const LogFolder& folder, const JobId& job_id) {
    const std::vector<std::string> names = folder.names();
    return static_cast<int>(std::ranges::count_if(names, [&](const std::string& name) {
        return name.starts_with(job_id.view()) && find_file(folder, name) && folder.remove(name);
    }));
}

int remove_attempts(const LogFolder& folder, const JobId& job_id, int attempts) {
    int removed = 0;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        // A log that was rotated keeps its first segment; one without it is a single file.
        const std::string first = log_file_name(job_id, attempt, 1);
        if (faccessat(folder.fd(), first.c_str(), F_OK, 0) == 0)
            return removed + remove_all(folder, job_id);
        if (folder.remove(log_file_name(job_id, attempt))) ++removed;
    }
    return removed;
}

/// The last characters of a UUIDv7 are random; the first ones are the time.
std::string_view folder_of(const JobId& job_id) {
    return job_id.view().substr(kIdLength - 2);
}

std::string_view folder_name(const PrunedJob* job) {
    return folder_of(job->job_id);
}

/// The folder; nullopt if there is none or it fails the checks of log_folder.h.
std::optional<LogFolder> find_folder(const std::string& path) {
    try {
        return LogFolder::find(path);
    } catch (const Error&) {
        return {};
    }
}

/// The paths of the folders below the root, sorted; none if the root fails those checks.
std::vector<std::string> folders_in(const std::string& logs_root) {
    std::vector<std::string> paths;
    try {
        const auto root = LogFolder::find_root(logs_root);
        if (!root) return paths;
        for (const std::string& name : root->names()) {
            if (name.size() == 2 && name != "..") paths.push_back(root->place(name).path);
        }
    } catch (const Error&) {
        return {};
    }
    std::ranges::sort(paths);
    return paths;
}

}  // namespace

std::string log_directory(const std::string& logs_root, const JobId& job_id) {
    return fmt::format("{}/{}", logs_root, folder_of(job_id));
}

std::string log_file_name(const JobId& job_id, int attempt, int segment) {
    std::string name = fmt::format("{}.{}.{}", job_id.view(), attempt, kLog);
    if (segment != 0) name += fmt::format(".{}", segment);
    return name;
}

std::string log_path(const std::string& logs_root, const JobId& job_id, int attempt, int segment) {
    return fmt::format(
        "{}/{}", log_directory(logs_root, job_id), log_file_name(job_id, attempt, segment));
}

std::vector<LogFile> log_files(const std::string& logs_root, const JobId& job_id) {
    std::vector<LogFile> files;
    const auto folder = LogFolder::find(log_directory(logs_root, job_id));
    if (!folder) return files;
    for (const std::string& name : folder->names()) {
        if (!name.starts_with(job_id.view())) continue;
        auto file = find_file(*folder, name);
        if (!file) continue;
        file->path = folder->place(name).path;
        files.push_back(std::move(*file));
    }
    std::ranges::sort(files, {}, written_order);
    return files;
}

std::vector<LogFile> log_files_in(const LogFolder& folder) {
    std::vector<LogFile> files;
    for (const std::string& name : folder.names()) {
        if (auto file = find_file(folder, name)) files.push_back(std::move(*file));
    }
    return files;
}

std::vector<LogFile> input_pipes_in(const LogFolder& folder) {
    std::vector<LogFile> pipes;
    for (const std::string& name : folder.names()) {
        auto pipe = parse_name(name, kInput);
        if (pipe && pipe->segment == 0) pipes.push_back(std::move(*pipe));
    }
    return pipes;
}

void for_each_folder(
    const std::string& logs_root, const std::function<bool(const LogFolder&)>& visit) {
    for (const std::string& path : folders_in(logs_root)) {
        const auto folder = find_folder(path);
        if (folder && !visit(*folder)) return;
    }
}

UniqueFd open_log_file(const std::string& path) {
    const PathParts parts = split_path(path);
    const auto folder = LogFolder::find(parts.directory);
    if (folder) return folder->open(parts.name, O_RDONLY, S_IFREG);
    errno = ENOENT;
    return {};
}

void refuse_unreadable(const std::string& path, int error) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot read the output in {}: {}", path, errno_text(error)),
        "read it as the account that ran the job");
}

std::string input_path(const std::string& logs_root, const JobId& job_id, int attempt) {
    return fmt::format(
        "{}/{}.{}.{}", log_directory(logs_root, job_id), job_id.view(), attempt, kInput);
}

bool remove_log_file(const std::string& path) {
    const PathParts parts = split_path(path);
    const auto folder = find_folder(parts.directory);
    return folder && folder->remove(parts.name);
}

int remove_logs(const std::string& logs_root, std::span<const PrunedJob> jobs) {
    std::vector<const PrunedJob*> by_folder;
    for (const PrunedJob& job : jobs)
        by_folder.push_back(&job);
    std::ranges::sort(by_folder, {}, folder_name);
    int removed = 0;
    std::optional<LogFolder> folder;
    for (std::size_t i = 0; i < by_folder.size(); ++i) {
        const PrunedJob& job = *by_folder[i];
        if (i == 0 || folder_name(by_folder[i - 1]) != folder_name(&job))
            folder = find_folder(log_directory(logs_root, job.job_id));
        if (folder) removed += remove_attempts(*folder, job.job_id, job.attempts);
    }
    return removed;
}

}  // namespace atlasjob
