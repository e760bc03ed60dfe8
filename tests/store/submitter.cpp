#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "store/open.h"

#include <unistd.h>

#include <csignal>
#include <string>

// submitter LEDGER COUNT: submits COUNT jobs one by one and prints each job_id once it is
// acknowledged. On the first failure prints "error <code>" and exits with the code's exit status.

using namespace atlasjob;

namespace {

void submit(Store& store) {
    NewJob job{JobId::make(SystemClock{}.now())};
    job.owner = "alice";
    job.target = '"' + std::string(2000, 'x') + '"';
    store.submit(job);
    static_cast<void>(write_all(STDOUT_FILENO, job.job_id.str() + "\n"));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    std::signal(SIGXFSZ, SIG_IGN);  // report the file size limit as an error
    try {
        const auto store = open_store(parse_address(argv[1]), OpenMode::create);
        for (int i = std::stoi(argv[2]); i > 0; --i)
            submit(*store);
    } catch (const Error& error) {
        const ErrorRow& row = error_row(error.code());
        static_cast<void>(write_all(STDOUT_FILENO, "error " + std::string{row.word} + "\n"));
        return row.exit_status;
    }
    return 0;
}
