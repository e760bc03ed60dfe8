#include "mcp/server/server.h"

#include "base/clock.h"
#include "base/error.h"
#include "mcp/server/session.h"
#include "rpc/line_transport.h"

#include <unistd.h>

#include <csignal>

namespace atlasjob::mcp {

namespace {

/// Passes the client's lines to the session until the client is gone.
class ClientInput final : public rpc::LineReceiver {
  public:
    ClientInput(Session& session, rpc::LineTransport& transport, const rpc::LineOutput& output)
        : session_(session), transport_(transport), output_(output) {}

    void receive(const rpc::LineBuffer::Line& line) override {
        session_.receive(line);
        if (!output_.open()) transport_.stop();
    }

  private:
    Session& session_;
    rpc::LineTransport& transport_;
    const rpc::LineOutput& output_;
};

}  // namespace

int serve(const ServerOptions& options) {
    rpc::ignore_broken_pipes();
    static_cast<void>(std::signal(SIGCHLD, SIG_IGN));
    rpc::LineOutput output{STDOUT_FILENO};
    const SystemClock clock;
    Loop loop;
    Session session{options, {clock, loop, output}};
    rpc::LineTransport transport{loop, STDIN_FILENO};
    ClientInput input{session, transport, output};
    transport.run(input);
    session.finish();
    if (output.failure() != 0) {
        throw Error(
            ErrorCode::unavailable,
            "standard output cannot be written: " + errno_text(output.failure()));
    }
    return 0;
}

}  // namespace atlasjob::mcp
