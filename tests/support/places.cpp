#include "support/places.h"

namespace atlasjob::test {

const char* const kProgram = ATLASJOB_BINARY_DIR "/atlasjob";
const char* const kFollowGpProgram = ATLASJOB_BINARY_DIR "/atlasjob-follow-gp";
const char* const kNextProgram = ATLASJOB_BINARY_DIR "/tests/e2e/cli/atlasjob_next";
const char* const kBreakingProgram = ATLASJOB_BINARY_DIR "/tests/e2e/cli/atlasjob_breaking";
const char* const kMcpServer = ATLASJOB_BINARY_DIR "/tests/mcp/mcp_server";
const char* const kWorkerProgram = ATLASJOB_BINARY_DIR "/tests/runner/worker_program";
const char* const kSubmitter = ATLASJOB_BINARY_DIR "/tests/store/submitter";
const char* const kReportExample = ATLASJOB_BINARY_DIR "/tests/e2e/cli/report_example";
const char* const kPython = ATLASJOB_PYTHON;

std::string source_path(std::string_view relative) {
    return std::string{ATLASJOB_SOURCE_DIR "/"}.append(relative);
}

}  // namespace atlasjob::test
