#pragma once

#include "ledger/job_input.h"

#include <string>

namespace atlasjob {

/// Inputs as FIFOs beside the logs (input_path() in log_files.h), accessible to the ledger's owner
/// only. The supervisor holds a write end open, so that the command never sees end of file, and
/// removes the FIFO at the end. A FIFO in a folder that fails the checks of log_folder.h is not
/// used.
class FileJobInput final : public JobInput {
  public:
    explicit FileJobInput(std::string logs_root) : logs_root_(std::move(logs_root)) {}

    std::unique_ptr<InputPipe> open(const JobId& job_id, int attempt) override;
    SendResult send(
        const JobId& job_id,
        int attempt,
        std::string_view text,
        std::optional<milliseconds> timeout) override;
    std::vector<InputEntry> list() override;
    bool remove(const JobId& job_id, int attempt) override;

  private:
    std::string logs_root_;
};

}  // namespace atlasjob
