#include "store/ledger_case.h"
#include "support/child.h"

#include <set>
#include <sstream>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

constexpr int kSubmitters = 50;

/// Submits a job with the common key and writes the resulting job_id as one line.
int submit_and_print(const LedgerCase& ledger, int answers) {
    FakeClock clock;
    const auto store = ledger.open();
    NewJob job = JobFactory{*store, clock}.command_spec();
    job.key = "nightly";
    const Submitted submitted = store->submit(job);
    const std::string line =
        submitted.job_id.str() + (submitted.created ? " created\n" : " found\n");
    return write_all(answers, line) ? 0 : 1;
}

std::string read_all(int pipe) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::read(pipe, buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(count));
    return text;
}

}  // namespace

TEST_CASE_METHOD(LedgerCase, "50 processes submitting the same key get one job") {
    Wire start;
    Pipe answers = make_pipe();
    std::vector<Child> submitters;
    for (int i = 0; i < kSubmitters; ++i) {
        submitters.emplace_back([&] {
            start.receive();
            return submit_and_print(*this, answers.write_end.get());
        });
    }
    for (int i = 0; i < kSubmitters; ++i)
        start.send();
    for (Child& submitter : submitters)
        CHECK(submitter.wait().code == 0);
    answers.write_end.reset();

    std::istringstream lines{read_all(answers.read_end.get())};
    std::set<std::string> ids;
    int created = 0;
    int printed = 0;
    for (std::string id, how; lines >> id >> how; ++printed) {
        ids.insert(id);
        created += how == "created" ? 1 : 0;
    }
    CHECK(printed == kSubmitters);
    CHECK(created == 1);
    CHECK(ids.size() == 1);
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
}
