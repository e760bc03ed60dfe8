// Feeds arbitrary bytes to the MCP server: it must not crash, and every line it sends must be a
// message that a client accepts.
#include "base/clock.h"
#include "ledger/store.h"
#include "mcp/server/session.h"
#include "rpc/line_buffer.h"
#include "store/open.h"
#include "support/captured_output.h"
#include "support/temp_dir.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace {

using namespace atlasjob;
using nlohmann::json;

/// Far below the server's limit, so that the fuzzer can exceed it.
constexpr std::size_t kMaxLine = 2048;

/// A ledger with one running job of alice, whose id occurs in the corpus.
class Ledger {
  public:
    Ledger() {
        const auto store = open_store(parse_address(path()), OpenMode::create);
        NewJob job{JobId::parse("01a20320-a2fa-7a01-b1c2-0d3e4f506070").value()};
        job.owner = "alice";
        store->submit(job);
        store->start(job.job_id, job.owner);
    }
    std::string path() const { return dir_ / "ledger.db"; }

  private:
    test::TempDir dir_;
};

/// Aborts, which the fuzzer reports as a crash.
[[noreturn]] void reject(const char* why, const std::string& line) {
    const std::string text = fmt::format("{}: {}\n", why, line);
    (void)!::write(STDERR_FILENO, text.data(), text.size());
    std::abort();
}

/// Whether `id` is a string or an integer of any size.
bool is_id(const json& id) {
    if (id.is_number_float()) return std::trunc(id.get<double>()) == id.get<double>();
    return id.is_string() || id.is_number_integer();
}

/// Aborts unless the official clients would accept the line.
void check_message(const std::string& line) {
    if (line.empty() || line.find('\n') != line.size() - 1) reject("not one line", line);
    const json message = json::parse(line, nullptr, false);
    if (!message.is_object()) reject("not a JSON object", line);
    if (message.value("jsonrpc", json{}) != "2.0") reject("not JSON-RPC 2.0", line);
    const auto id = message.find("id");
    if (id != message.end() && !is_id(*id)) reject("an id that no request can have", line);
    const bool answer = message.contains("result") != message.contains("error");
    if (!answer && !message.contains("method")) reject("neither answer nor notification", line);
    if (message.contains("result") && id == message.end()) reject("a result without an id", line);
}

void receive_all(rpc::LineBuffer& lines, mcp::Session& session) {
    while (const auto line = lines.next())
        session.receive(*line);
}

void converse(std::string_view bytes, mcp::Session& session) {
    rpc::LineBuffer lines{kMaxLine};
    while (!bytes.empty()) {
        const std::span<char> room = lines.room();
        const std::size_t count = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), count);
        bytes.remove_prefix(count);
        lines.filled(count);
        receive_all(lines, session);
    }
    if (const auto rest = lines.rest()) session.receive(*rest);
}

}  // namespace

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const Ledger ledger;
    static const mcp::ServerOptions options{
        .ledger = ledger.path(), .principal = Principal{"alice", false}, .version = "0"};
    test::CapturedOutput output;
    static const SystemClock clock;
    Loop loop;
    {
        mcp::Session session{options, {clock, loop, output}};
        // libFuzzer passes bytes; the session reads text.
        converse({reinterpret_cast<const char*>(bytes), size}, session);
        session.finish();
    }
    for (const auto& line : output.lines())
        check_message(line);
    return 0;
}
