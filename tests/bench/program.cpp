#include "bench/program.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace atlasjob::test {

pid_t start_program(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    if (posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ) != 0)
        throw std::runtime_error("cannot start " + words[0]);
    return pid;
}

void await_success(pid_t pid) {
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || status != 0)
        throw std::runtime_error("a measured program failed");
}

}  // namespace atlasjob::test
