#pragma once

#include <string>
#include <string_view>

namespace atlasjob::test {

/// Where the build put what tests run and read. Defined in one file, so that all others compile to
/// the same in every folder and a compiler cache finds them there.
extern const char* const kProgram;  ///< atlasjob
extern const char* const kFollowGpProgram;
extern const char* const kMcpServer;      ///< tests/mcp/server_main.cpp
extern const char* const kWorkerProgram;  ///< tests/runner/worker_program.cpp
extern const char* const kSubmitter;      ///< tests/store/submitter.cpp
extern const char* const kReportExample;  ///< docs/examples/report.c
extern const char* const kPython;

/// A file of the source tree, by its path from the top.
std::string source_path(std::string_view relative);

}  // namespace atlasjob::test
