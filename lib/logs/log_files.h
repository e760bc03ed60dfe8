#pragma once

#include "base/file.h"
#include "ledger/job.h"
#include "logs/log_folder.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace atlasjob {

/// One file (segment) of a job's output:
///   <logs_root>/<last two characters of job_id>/<job_id>.<attempt>.log      being written
///   <logs_root>/<last two characters of job_id>/<job_id>.<attempt>.log.<n>  full, from n = 1
/// A gap in the numbers is output that was dropped to stay within the log limit.
struct LogFile {
    JobId job_id;
    int attempt = 0;
    int segment = 0;  ///< 0: the one being written.
    std::string path;
    std::int64_t bytes = 0;
    Time modified_at;
};

std::string log_directory(const std::string& logs_root, const JobId& job_id);

/// `segment` 0: the one being written.
std::string log_file_name(const JobId& job_id, int attempt, int segment = 0);
std::string log_path(
    const std::string& logs_root, const JobId& job_id, int attempt, int segment = 0);

/// The standard input of an interactive attempt (FileJobInput), a FIFO next to its log:
///   <logs_root>/<last two characters of job_id>/<job_id>.<attempt>.stdin
std::string input_path(const std::string& logs_root, const JobId& job_id, int attempt);

/// The files of one job, oldest output first; empty if there is no output. Includes only regular
/// files with a single link that belong to the ledger's owner or root, so that no other account can
/// forge a job's output. Throws Error(unavailable) if the folder cannot be read or fails the checks
/// of log_folder.h.
std::vector<LogFile> log_files(const std::string& logs_root, const JobId& job_id);

/// All log files in one folder, in no particular order, with the checks of log_files(). `path` is
/// empty.
std::vector<LogFile> log_files_in(const LogFolder& folder);

/// All FIFOs of standard inputs in one folder, in no particular order; only job and attempt are
/// set.
std::vector<LogFile> input_pipes_in(const LogFolder& folder);

/// Calls `visit` with each folder below `logs_root` ("00" to "ff"), in order, until it returns
/// false. Leaves out folders that fail the checks of log_folder.h; doctor reports them.
void for_each_folder(
    const std::string& logs_root, const std::function<bool(const LogFolder&)>& visit);

/// Opens a log file for reading. On failure returns an invalid descriptor and sets errno: ENOENT
/// for a file that log_files() leaves out. Throws as log_files().
UniqueFd open_log_file(const std::string& path);

/// Throws Error(unavailable) for a log file that exists and cannot be opened: errno `error`.
[[noreturn]] void refuse_unreadable(const std::string& path, int error);

/// Removes a log file or a FIFO; returns whether it succeeded.
bool remove_log_file(const std::string& path);

/// LogStore::remove(). Opens each folder once, and reads it only if needed.
int remove_logs(const std::string& logs_root, std::span<const PrunedJob> jobs);

}  // namespace atlasjob
