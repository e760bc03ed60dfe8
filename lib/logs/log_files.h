#pragma once

#include "base/file.h"
#include "ledger/job.h"

#include <string>
#include <vector>

namespace atlasjob {

/// One file of a job's output:
///   <logs_root>/<last two characters of job_id>/<job_id>.<attempt>.log      being written
///   <logs_root>/<last two characters of job_id>/<job_id>.<attempt>.log.<n>  full, from n = 1
/// Numbers that are missing between the ones there are output that was dropped to keep the limit.
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

/// The standard input of an interactive attempt (input_pipe.h), a FIFO beside its log:
///   <logs_root>/<last two characters of job_id>/<job_id>.<attempt>.stdin
std::string input_path(const std::string& logs_root, const JobId& job_id, int attempt);

/// All of those in one directory below `logs_root`, in no order; `segment` and `bytes` are 0.
/// Throws Error(unavailable) as log_files does.
std::vector<LogFile> input_pipes_in(const std::string& directory);

/// The files of one job in the order in which they were written; none where there is no output.
/// Left out is what is no regular file under one name of the ledger's owner or root: nobody else's
/// lines are the job's. Throws Error(unavailable) when the folder cannot be read, or was planted by
/// somebody else (log_folder.h).
std::vector<LogFile> log_files(const std::string& logs_root, const JobId& job_id);

/// All log files in one directory below `logs_root` ("00" to "ff"), in no order; other files are
/// left out. Throws as log_files does.
std::vector<LogFile> log_files_in(const std::string& directory);

/// Opens one of these for reading; an invalid descriptor and errno when it cannot be read, ENOENT
/// for one that log_files leaves out. Throws as log_files does.
UniqueFd open_log_file(const std::string& path);

/// The directories below `logs_root` that hold log files. Throws as log_files does.
std::vector<std::string> log_directories(const std::string& logs_root);

/// Removes a file that one of the above has found; false when it stays.
bool remove_log_file(const std::string& path);

/// Removes a job's files; returns how many there were. Those that cannot be removed stay, and so
/// does everything in a folder that was planted.
int remove_logs(const std::string& logs_root, const JobId& job_id);
/// The same when it is known that there were at most `attempts`: looks only where it must.
int remove_logs(const std::string& logs_root, const JobId& job_id, int attempts);

}  // namespace atlasjob
