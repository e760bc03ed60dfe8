#include "runner/log_files.h"

#include "base/text.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace atlasjob {

namespace {

constexpr std::size_t kIdLength = 36;

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, CloseDirectory> directory{opendir(path.c_str())};
    if (!directory) return names;
    // One thread reads this stream, so readdir is safe.
    while (const dirent* entry = readdir(directory.get()))  // NOLINT(concurrency-mt-unsafe)
        names.emplace_back(static_cast<const char*>(entry->d_name));
    return names;
}

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

std::optional<LogFile> look_at(const std::string& directory, const std::string& name) {
    auto file = parse_name(name, kLog);
    if (!file) return {};
    file->path = directory + "/" + name;
    struct stat status {};
    if (lstat(file->path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    file->bytes = status.st_size;
    file->modified_at = from_ms(status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000);
    return file;
}

auto written_order(const LogFile& file) {
    const int segment = file.segment == 0 ? std::numeric_limits<int>::max() : file.segment;
    return std::pair{file.attempt, segment};
}

void make_directory(const std::string& path) {
    if (mkdir(path.c_str(), 0700) == 0) give_to_owner_of_directory(path);
}

bool remove_file(const std::string& path) {
    return unlink(path.c_str()) == 0;
}

}  // namespace

std::string log_directory(const std::string& logs_root, const JobId& job_id) {
    // The last characters of a UUIDv7 are random; the first are the clock.
    return fmt::format("{}/{}", logs_root, job_id.view().substr(kIdLength - 2));
}

void give_to_owner_of_directory(const std::string& path) {
    struct stat owner {};
    const std::string directory = path.substr(0, path.find_last_of('/')) + "/.";
    if (geteuid() != 0 || stat(directory.c_str(), &owner) != 0) return;
    if (lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0) return;
}

void make_logs_root(const std::string& logs_root) {
    make_directory(logs_root);
}

void make_log_directory(const std::string& logs_root, const JobId& job_id) {
    make_directory(logs_root);
    make_directory(log_directory(logs_root, job_id));
}

std::string log_path(const std::string& logs_root, const JobId& job_id, int attempt, int segment) {
    std::string path =
        fmt::format("{}/{}.{}.log", log_directory(logs_root, job_id), job_id.view(), attempt);
    if (segment != 0) path += fmt::format(".{}", segment);
    return path;
}

std::vector<LogFile> log_files(const std::string& logs_root, const JobId& job_id) {
    const std::string directory = log_directory(logs_root, job_id);
    std::vector<LogFile> files;
    for (const std::string& name : names_in(directory)) {
        if (!name.starts_with(job_id.view())) continue;
        if (auto file = look_at(directory, name)) files.push_back(std::move(*file));
    }
    std::ranges::sort(files, {}, written_order);
    return files;
}

std::vector<LogFile> log_files_in(const std::string& directory) {
    std::vector<LogFile> files;
    for (const std::string& name : names_in(directory)) {
        if (auto file = look_at(directory, name)) files.push_back(std::move(*file));
    }
    return files;
}

std::string input_path(const std::string& logs_root, const JobId& job_id, int attempt) {
    return fmt::format(
        "{}/{}.{}.{}", log_directory(logs_root, job_id), job_id.view(), attempt, kInput);
}

std::vector<LogFile> input_pipes_in(const std::string& directory) {
    std::vector<LogFile> pipes;
    for (const std::string& name : names_in(directory)) {
        auto pipe = parse_name(name, kInput);
        if (!pipe || pipe->segment != 0) continue;
        pipe->path = fmt::format("{}/{}", directory, name);
        pipes.push_back(std::move(*pipe));
    }
    return pipes;
}

std::vector<std::string> log_directories(const std::string& logs_root) {
    std::vector<std::string> directories;
    for (const std::string& name : names_in(logs_root)) {
        if (name.size() == 2 && name != "..")
            directories.push_back(fmt::format("{}/{}", logs_root, name));
    }
    std::ranges::sort(directories);
    return directories;
}

int remove_logs(const std::string& logs_root, const JobId& job_id) {
    const auto files = log_files(logs_root, job_id);
    return static_cast<int>(
        std::ranges::count_if(files, [](const LogFile& file) { return remove_file(file.path); }));
}

int remove_logs(const std::string& logs_root, const JobId& job_id, int attempts) {
    int removed = 0;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        // A log that was ever rotated keeps its first segment: only then is there more to find.
        const std::string first = log_path(logs_root, job_id, attempt, 1);
        if (access(first.c_str(), F_OK) == 0) return removed + remove_logs(logs_root, job_id);
        if (remove_file(log_path(logs_root, job_id, attempt))) ++removed;
    }
    return removed;
}

}  // namespace atlasjob
