// mcp_server LEDGER [PRINCIPAL]: the MCP server with a minimal main.
#include "base/error.h"
#include "base/file.h"
#include "mcp/server/server.h"

#include <unistd.h>

#include <string>

int main(int argc, char** argv) {
    using namespace atlasjob;
    mcp::ServerOptions options;
    if (argc > 1) options.ledger = argv[1];
    if (argc > 2) options.principal = Principal{argv[2], false};
    options.version = "0";
    try {
        return mcp::serve(options);
    } catch (const Error& error) {
        (void)write_all(STDERR_FILENO, std::string{error.what()} + "\n");
        return error_row(error.code()).exit_status;
    }
}
