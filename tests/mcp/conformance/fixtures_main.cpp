// mcp_fixtures LEDGER: the real server with the tools, resources and prompts of the conformance
// suite.
#include "base/error.h"
#include "base/file.h"
#include "mcp/server/server.h"

#include <unistd.h>

#include <string>

int main(int argc, char** argv) {
    using namespace atlasjob;
    mcp::ServerOptions options;
    if (argc > 1) options.ledger = argv[1];
    options.principal = Principal{"alice", false};
    options.version = "0";
    // The suite expects three progress reports within ten seconds.
    options.progress_interval = milliseconds{100};
    options.allowed = {.submit = true, .cancel = true};
    try {
        return mcp::serve(options);
    } catch (const Error& error) {
        (void)write_all(STDERR_FILENO, std::string{error.what()} + "\n");
        return error_row(error.code()).exit_status;
    }
}
