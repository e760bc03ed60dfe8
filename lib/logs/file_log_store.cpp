#include "base/error.h"
#include "base/file_trust.h"
#include "ledger/address_files.h"
#include "logs/file_job_input.h"
#include "logs/file_log_follower.h"
#include "logs/file_log_writer.h"
#include "logs/log_files.h"
#include "logs/log_folder.h"
#include "logs/log_page.h"
#include "logs/open.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <span>

namespace atlasjob {

namespace {

/// The length of a folder's name.
constexpr std::size_t kFolderName = 2;

LogHealth problem_of(const FileFault& fault) {
    return {false, fault.text(), fault.fix};
}

/// A fault of one of the folders in the root.
std::optional<FileFault> fault_of_folders(const std::string& root, uid_t owner) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator{root, failed}) {
        const std::string path = entry.path();
        struct stat folder {};
        if (entry.path().filename().native().size() != kFolderName
            || lstat(path.c_str(), &folder) != 0)
            continue;
        if (auto fault = fault_of_directory(path, folder, owner)) return fault;
    }
    return {};
}

/// The files of each job in one folder, summed up.
struct JobFiles {
    LogEntry entry;
    std::span<const LogFile> files;
};

/// `files` are those of one folder; the result refers to them.
std::vector<JobFiles> by_job(std::vector<LogFile>& files) {
    std::ranges::sort(files, {}, [](const LogFile& file) { return file.job_id.view(); });
    std::vector<JobFiles> jobs;
    for (auto first = files.begin(); first != files.end();) {
        const auto end = std::find_if(
            first, files.end(), [&](const LogFile& file) { return file.job_id != first->job_id; });
        JobFiles job{{first->job_id, 0, 0, first->modified_at}, {first, end}};
        for (const LogFile& file : job.files) {
            ++job.entry.parts;
            job.entry.bytes += file.bytes;
            job.entry.written_at = std::max(job.entry.written_at, file.modified_at);
        }
        jobs.push_back(job);
        first = end;
    }
    return jobs;
}

int remove_files(const LogFolder& folder, std::span<const LogFile> files) {
    return static_cast<int>(std::ranges::count_if(files, [&](const LogFile& file) {
        return folder.remove(log_file_name(file.job_id, file.attempt, file.segment));
    }));
}

/// Keeps output in files in a directory beside the ledger; has no state but its path.
class FileLogStore final : public LogStore {
  public:
    FileLogStore(const std::string& root, const Clock& clock)
        : root_(root), clock_(clock), input_(root) {}

    std::unique_ptr<LogWriter> open_writer(const Target& target) override {
        return std::make_unique<FileLogWriter>(root_, target, clock_);
    }
    LogPage page(const LogSource& source, std::int64_t offset, std::size_t limit_bytes) override {
        return read_log_page(root_, source, offset, limit_bytes);
    }
    LogPage tail(const LogSource& source, const TailLimits& limits) override {
        return read_log_tail(root_, source, limits);
    }
    std::unique_ptr<LogFollower> follow(
        const JobId& job_id, LogFollower::Attempts attempts) override {
        return std::make_unique<FileLogFollower>(root_, job_id, attempts);
    }
    LogExtent extent(const JobId& job_id) override;
    std::int64_t kept_bytes(const JobId& job_id, int attempt) override;

    int remove(std::span<const PrunedJob> jobs) override { return remove_logs(root_, jobs); }
    int sweep(const std::function<SweepVerdict(const LogEntry&)>& judge) override;

    LogHealth check() override;
    std::string display() const override { return root_; }
    std::optional<std::string> display(const JobId& job_id, int attempt) const override {
        return log_path(root_, job_id, attempt);
    }

    JobInput& input() override { return input_; }

  private:
    std::string root_;
    const Clock& clock_;
    FileJobInput input_;
};

LogExtent FileLogStore::extent(const JobId& job_id) {
    LogExtent extent;
    std::map<int, int> newest;  // Of each attempt's segments; the one being written is 0.
    for (const LogFile& file : log_files(root_, job_id)) {
        extent.bytes += file.bytes;
        newest[file.attempt] = std::max(newest[file.attempt], file.segment);
    }
    for (const auto& [attempt, segment] : newest)
        extent.revision += segment;
    return extent;
}

std::int64_t FileLogStore::kept_bytes(const JobId& job_id, int attempt) {
    std::int64_t bytes = 0;
    for (const LogFile& file : log_files(root_, job_id))
        if (file.attempt == attempt) bytes += file.bytes;
    return bytes;
}

int FileLogStore::sweep(const std::function<SweepVerdict(const LogEntry&)>& judge) {
    int removed = 0;
    for_each_folder(root_, [&](const LogFolder& folder) {
        std::vector<LogFile> files = log_files_in(folder);
        for (const JobFiles& job : by_job(files)) {
            const SweepVerdict verdict = judge(job.entry);
            if (verdict == SweepVerdict::stop) return false;
            if (verdict == SweepVerdict::remove) removed += remove_files(folder, job.files);
        }
        return true;
    });
    return removed;
}

LogHealth FileLogStore::check() {
    struct stat status {};
    if (lstat(root_.c_str(), &status) != 0) {
        if (errno == ENOENT) return {true, "no job output yet", {}};
        return {false, fmt::format("{}: {}", root_, errno_text(errno)), "make it accessible"};
    }
    const uid_t owner = ledger_owner(root_).uid;
    if (const auto fault = fault_of_directory(root_, status, owner)) return problem_of(*fault);
    if (const auto fault = fault_of_folders(root_, owner)) return problem_of(*fault);
    if (access(root_.c_str(), R_OK | W_OK | X_OK) != 0)
        return {false, "this account cannot write " + root_, "give the directory to this account"};
    if (const auto fault = fault_of_access(root_, status)) return problem_of(*fault);
    return {true, private_text(root_, status), {}};
}

}  // namespace

std::unique_ptr<LogStore> open_logs(const LedgerAddress& address, const Clock& clock) {
    return std::make_unique<FileLogStore>(LedgerFiles::of(address).logs_root, clock);
}

}  // namespace atlasjob
