#pragma once

#include "base/time.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}

namespace atlasjob::cli {

struct CommandLine;
struct CommandRow;
struct GlobalOptions;

/// What a command understands. Each declaration binds an option to a variable that must outlive
/// the parsing. Values that are not what they should be end in Error(invalid_argument) naming the
/// option and the value. Behind it is CLI11, which is not seen anywhere else.
class Arguments {
  public:
    /// `title` is how people call it: "atlasjob run".
    explicit Arguments(std::string title);
    ~Arguments();
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;

    /// The heading under which help lists what is declared from here on.
    void group(std::string title) { group_ = std::move(title); }

    void flag(const std::string& names, bool& value, const std::string& help);
    /// A flag that does something each time it is given.
    void action(const std::string& names, std::function<void()> act, const std::string& help);
    void text(
        const std::string& names,
        std::optional<std::string>& value,
        const std::string& placeholder,
        const std::string& help);
    /// May be given many times.
    void texts(
        const std::string& names,
        std::vector<std::string>& values,
        const std::string& placeholder,
        const std::string& help);
    void duration(
        const std::string& names, std::optional<milliseconds>& value, const std::string& help);
    void integer(
        const std::string& names,
        std::optional<std::int64_t>& value,
        const std::string& placeholder,
        const std::string& help);
    /// Any other value: `take` reads it and throws invalid_argument. Called for each time it is
    /// given.
    void value(
        const std::string& names,
        std::function<void(const std::string&)> take,
        const std::string& placeholder,
        const std::string& help);
    /// Words that are no options, at most `most` of them (0: any number).
    void words(std::vector<std::string>& words, const std::string& what, std::size_t most = 0);

    /// Reads the words of a command line. False: help was asked for and nothing was checked.
    bool parse(const CommandLine& line, bool takes_command);
    /// Help's list of options.
    std::string options_help() const;

  private:
    void accept_words(std::vector<std::string> words);
    [[noreturn]] void refuse_option(const std::string& option) const;

    std::unique_ptr<CLI::App> app_;
    std::string title_;
    std::string group_;
    bool help_ = false;
    std::vector<std::string>* words_ = nullptr;
    std::string words_are_;
    std::size_t most_words_ = 0;
};

}  // namespace atlasjob::cli
