#pragma once

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

/// Makes what is not there, for its owner alone. That it cannot is found when it is used.
void make_logs_root(const std::string& logs_root);
void make_log_directory(const std::string& logs_root, const JobId& job_id);

/// What root makes belongs to whoever owns the directory it is in, so that the ledger's owner can
/// go on using it.
void give_to_owner_of_directory(const std::string& path);

/// `segment` 0: the one being written.
std::string log_path(
    const std::string& logs_root, const JobId& job_id, int attempt, int segment = 0);

/// The standard input of an interactive attempt (input_pipe.h), a FIFO beside its log:
///   <logs_root>/<last two characters of job_id>/<job_id>.<attempt>.stdin
std::string input_path(const std::string& logs_root, const JobId& job_id, int attempt);

/// All of those in one directory below `logs_root`, in no order; `segment` and `bytes` are 0.
std::vector<LogFile> input_pipes_in(const std::string& directory);

/// The files of one job in the order in which they were written. None is fine.
std::vector<LogFile> log_files(const std::string& logs_root, const JobId& job_id);

/// All log files in one directory below `logs_root` ("00" to "ff"), in no order; other files are
/// left out.
std::vector<LogFile> log_files_in(const std::string& directory);

/// The directories below `logs_root` that hold log files.
std::vector<std::string> log_directories(const std::string& logs_root);

/// Removes a job's files; returns how many there were. Those that cannot be removed stay.
int remove_logs(const std::string& logs_root, const JobId& job_id);
/// The same when it is known that there were at most `attempts`: looks only where it must.
int remove_logs(const std::string& logs_root, const JobId& job_id, int attempts);

}  // namespace atlasjob
