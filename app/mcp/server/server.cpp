#include "mcp/server/server.h"

#include "base/clock.h"
#include "base/error.h"
#include "mcp/server/session.h"
#include "rpc/line_transport.h"

#include <unistd.h>

#include <csignal>

namespace atlasjob::mcp {

int serve(const ServerOptions& options) {
    rpc::ignore_broken_pipes();
    static_cast<void>(std::signal(SIGCHLD, SIG_IGN));
    rpc::LineOutput output{STDOUT_FILENO};
    const SystemClock clock;
    Loop loop;
    Session session{options, {clock, loop, output}};
    rpc::LineTransport transport{loop, STDIN_FILENO};
    transport.run([&](const rpc::LineBuffer::Line& line) {
        session.receive(line);
        if (!output.open()) transport.stop();
    });
    session.finish();
    if (output.failure() != 0) {
        throw Error(
            ErrorCode::unavailable,
            "standard output cannot be written: " + errno_text(output.failure()));
    }
    return 0;
}

}  // namespace atlasjob::mcp
