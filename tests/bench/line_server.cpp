#include "bench/line_server.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace atlasjob::test {

LineServer::LineServer(const std::vector<std::string>& argv) {
    Pipe to_server = make_pipe();
    Pipe from_server = make_pipe();
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_server.read_end.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from_server.write_end.get(), STDOUT_FILENO);
    std::vector<char*> words;
    for (const std::string& word : argv)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const int failed =
        ::posix_spawnp(&pid_, words.front(), &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + argv.front());
    in_ = std::move(to_server.write_end);
    out_ = std::move(from_server.read_end);
}

LineServer::~LineServer() {
    in_.reset();
    out_.reset();
    ::waitpid(pid_, nullptr, 0);
}

void LineServer::send(std::string_view line) {
    if (!write_all(in_.get(), line)) throw std::runtime_error("the server closed its input");
}

std::string_view LineServer::receive() {
    buffer_.erase(0, taken_);
    taken_ = 0;
    for (;;) {
        const std::size_t end = buffer_.find('\n');
        if (end != std::string::npos) {
            taken_ = end + 1;
            return std::string_view{buffer_}.substr(0, end);
        }
        std::array<char, 65536> chunk{};
        const ssize_t count = ::read(out_.get(), chunk.data(), chunk.size());
        if (count <= 0) throw std::runtime_error("the server has exited");
        buffer_.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

long LineServer::rss_kib() const {
    const std::string status = read_file("/proc/" + std::to_string(pid_) + "/status").value_or("");
    const std::size_t at = status.find("VmRSS:");
    return at == std::string::npos ? 0 : std::strtol(status.c_str() + at + 6, nullptr, 10);
}

}  // namespace atlasjob::test
