#pragma once

#include <string>
#include <string_view>

namespace atlasjob::test {

/// Paths of the programs and files that tests use. Defined in a single source file, so that all
/// others compile identically in every build directory and hit the compiler cache.
extern const char* const kProgram;  ///< atlasjob
extern const char* const kFollowGpProgram;
extern const char* const kNextProgram;      ///< atlasjob with tests/e2e/cli/ledger/next
extern const char* const kBreakingProgram;  ///< atlasjob with tests/e2e/cli/ledger/breaking
extern const char* const kMcpServer;        ///< tests/mcp/server/server_main.cpp
extern const char* const kWorkerProgram;    ///< tests/runner/worker/worker_program.cpp
extern const char* const kSubmitter;        ///< tests/store/submitter.cpp
extern const char* const kReportExample;    ///< docs/examples/report.c
extern const char* const kPython;

/// Absolute path of a file of the source tree, given its path from the top.
std::string source_path(std::string_view relative);

}  // namespace atlasjob::test
