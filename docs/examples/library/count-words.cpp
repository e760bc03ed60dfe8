// A program that puts its own work in the ledger: counts the words of the files it is given.
//   g++ -std=c++17 count-words.cpp $(pkg-config --cflags --libs atlasjob) -o count-words
//   ./count-words *.md && atlasjob status last
#include <atlasjob.h>

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

long count_words(const std::string& file) {
    std::ifstream in{file};
    if (!in) throw std::runtime_error("cannot read " + file);
    return std::distance(std::istream_iterator<std::string>{in}, {});
}

/// False when somebody asked to stop.
bool count_all(const std::vector<std::string>& files, atlasjob::client::RunningJob& job) {
    long words = 0;
    long counted = 0;
    for (const std::string& file : files) {
        words += count_words(file);
        ++counted;
        atlasjob::client::Progress progress;
        progress.fraction = static_cast<double>(counted) / static_cast<double>(files.size());
        progress.current = counted;
        progress.total = static_cast<long>(files.size());
        progress.message = file;
        if (job.progress(progress) != atlasjob::client::Reply::ok) return false;
    }
    job.done("{\"words\":" + std::to_string(words) + "}");
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> files(argv + 1, argv + argc);
    try {
        atlasjob::client::Ledger ledger;
        atlasjob::client::JobOptions options;
        options.kind = "count-words";
        options.name = std::to_string(files.size()) + " files";
        atlasjob::client::RunningJob job = ledger.begin(options);
        std::cout << job.id() << '\n';
        try {
            if (!count_all(files, job)) job.cancelled();
        } catch (const atlasjob::client::Failure&) {
            throw;  // of the ledger, not of the work
        } catch (const std::exception& error) {
            job.failed(error.what(), "unreadable");
            return 1;
        }
    } catch (const std::exception& error) {
        std::cerr << "count-words: " << error.what() << '\n';
        return 2;
    }
    return 0;
}
