#include "base/file.h"
#include "base/text.h"
#include "bench/sample.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string_view>

// pairs ROUNDS A… vs B… [vs C…]: runs programs alternately (A B C A B C …) with output to
// /dev/null, and prints the median time of each and the median of the ratios to A within a round.

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

constexpr int kWarmUps = 5;

struct Contender {
    std::vector<char*> argv;  ///< Ends with nullptr.
    Sample us;
    long max_rss_kib = 0;
    int failures = 0;
};

std::vector<Contender> read_contenders(char** first, char** last) {
    std::vector<Contender> contenders(1);
    for (char** word = first; word != last; ++word) {
        if (std::string_view{*word} == "vs") {
            contenders.emplace_back();
        } else {
            contenders.back().argv.push_back(*word);
        }
    }
    for (Contender& contender : contenders) {
        if (contender.argv.empty()) throw std::runtime_error("a command is missing");
        contender.argv.push_back(nullptr);
    }
    return contenders;
}

/// Spawn actions that connect standard input and output to /dev/null.
class NullStreams {
  public:
    NullStreams() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    }
    NullStreams(const NullStreams&) = delete;
    NullStreams& operator=(const NullStreams&) = delete;
    ~NullStreams() { posix_spawn_file_actions_destroy(&actions_); }

    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

void run_once(Contender& contender, const NullStreams& null_streams, bool counts) {
    pid_t pid = 0;
    const auto start = std::chrono::steady_clock::now();
    if (::posix_spawnp(
            &pid, contender.argv[0], null_streams.get(), nullptr, contender.argv.data(), environ)
        != 0) {
        throw std::runtime_error(fmt::format("cannot start {}", contender.argv[0]));
    }
    int status = 0;
    rusage usage{};
    ::wait4(pid, &status, 0, &usage);
    const double us = us_since(start);
    if (!counts) return;
    contender.us.add(us);
    contender.max_rss_kib = std::max(contender.max_rss_kib, usage.ru_maxrss);
    if (status != 0) ++contender.failures;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) throw std::runtime_error("pairs ROUNDS A... vs B...");
    const int rounds = parse_integer<int>(argv[1]).value();
    auto contenders = read_contenders(argv + 2, argv + argc);
    const NullStreams null_streams;
    for (int round = -kWarmUps; round < rounds; ++round) {
        for (Contender& contender : contenders)
            run_once(contender, null_streams, round >= 0);
    }
    int failures = 0;
    for (const Contender& contender : contenders) {
        fmt::print(
            "{:<40.40} p50 {:7.0f} us  p99 {:7.0f} us  rss {:6} KiB  ratio {:.3f}\n",
            contender.argv[0], contender.us.median(), contender.us.quantile(0.99),
            contender.max_rss_kib, median_ratio(contender.us, contenders.front().us));
        failures += contender.failures;
    }
    if (failures > 0) fmt::print("{} runs failed: the ratios are meaningless\n", failures);
    return failures > 0 ? 1 : 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "pairs: {}\n", error.what());
    return 2;
}
