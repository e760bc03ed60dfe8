#include "base/text.h"
#include "bench/bench_jobs.h"
#include "bench/line_server.h"
#include "bench/sample.h"

#include <fmt/format.h>
#include <sched.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

// round_trip CALLS ROWS SERVER… -- SERVER…: asks MCP servers alternately, 500 calls each, for the
// status of random jobs of a fill_ledger ledger with ROWS rows. This program and the servers share
// one CPU: otherwise it would measure how long another CPU takes to wake up. Ratios are those of
// the medians to the first server.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr int kTurn = 500;
constexpr const char* kInitialize =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",)"
    R"("capabilities":{},"clientInfo":{"name":"round_trip","version":"1"}}})"
    "\n";
constexpr const char* kInitialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
                                     "\n";

void use_one_cpu() {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    ::sched_getaffinity(0, sizeof cpus, &cpus);
    for (std::size_t cpu = CPU_SETSIZE; cpu-- > 0;) {
        if (!CPU_ISSET(cpu, &cpus)) continue;
        CPU_ZERO(&cpus);
        CPU_SET(cpu, &cpus);
        ::sched_setaffinity(0, sizeof cpus, &cpus);
        return;
    }
}

class Contender {
  public:
    explicit Contender(const std::vector<std::string>& argv)
        : name_(argv.front().substr(argv.front().rfind('/') + 1)), begun_(steady_clock::now()) {
        server_ = std::make_unique<LineServer>(argv);
        server_->send(kInitialize);
        server_->receive();
        start_us_ = us_since(begun_);
        server_->send(kInitialized);
    }

    void ask(const std::string& job_id, bool counts) {
        const std::string request = fmt::format(
            R"({{"jsonrpc":"2.0","id":{},"method":"tools/call","params":{{"name":"get_job_status",)"
            R"("arguments":{{"job_id":"{}"}}}}}})"
            "\n",
            ++id_, job_id);
        const auto start = steady_clock::now();
        server_->send(request);
        const std::string_view answer = server_->receive();
        const double us = us_since(start);
        // An unknown job has no status.
        if (answer.find(R"("status":")") == std::string_view::npos)
            throw std::runtime_error(fmt::format("{} answered {}", name_, answer.substr(0, 300)));
        if (counts) us_.add(us);
        answer_bytes_ = answer.size();
    }

    void print(const Contender& base) const {
        fmt::print(
            "{:<12.12} p50 {:6.2f} us  p99 {:6.1f} us  answer {:4} B  rss {:6} KiB  first answer "
            "{:6.1f} ms  ratio p50 {:.2f} p99 {:.2f}\n",
            name_, us_.median(), us_.quantile(0.99), answer_bytes_, server_->rss_kib(),
            start_us_ / 1000, us_.median() / base.us_.median(),
            us_.quantile(0.99) / base.us_.quantile(0.99));
    }

  private:
    std::string name_;
    steady_clock::time_point begun_;
    std::unique_ptr<LineServer> server_;
    double start_us_ = 0;
    std::int64_t id_ = 1;
    Sample us_;
    std::size_t answer_bytes_ = 0;
};

std::vector<std::vector<std::string>> commands(char** first, char** last) {
    std::vector<std::vector<std::string>> all(1);
    for (char** word = first; word != last; ++word) {
        if (std::string_view{*word} == "--") {
            all.emplace_back();
        } else {
            all.back().emplace_back(*word);
        }
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 4) throw std::runtime_error("round_trip CALLS ROWS SERVER... -- SERVER...");
    const int calls = parse_integer<int>(argv[1]).value();
    const std::uint64_t rows = std::strtoull(argv[2], nullptr, 10);
    use_one_cpu();
    std::vector<std::unique_ptr<Contender>> contenders;
    for (const auto& command : commands(argv + 3, argv + argc))
        contenders.push_back(std::make_unique<Contender>(command));
    BenchRandom random;
    for (int done = -2 * kTurn; done < calls; done += kTurn) {
        std::vector<std::string> ids;
        // fill_ledger gives every eleventh job to another owner: number 11, 22, ...
        for (int i = 0; i < kTurn; ++i)
            ids.push_back(bench_job_id(random.next() % (rows / 11) * 11 + random.next() % 10));
        for (const auto& contender : contenders) {
            for (const std::string& id : ids)
                contender->ask(id, done >= 0);
        }
    }
    for (const auto& contender : contenders)
        contender->print(*contenders.front());
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "round_trip: {}\n", error.what());
    return 2;
}
