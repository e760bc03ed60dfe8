#pragma once

#include "base/time.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}

namespace atlasjob::cli {

struct CommandLine;

/// An option as it was declared: help, completions, the manual and suggestions are made from this.
struct Option {
    std::vector<std::string> names;  ///< "-f", "--follow": the short one first.
    /// What its value is, empty for a flag. Words in small letters between bars are values
    /// themselves ("auto|always|never"); of those in capitals some are known to completions (JOB,
    /// QUEUE, KIND, STATUS, FILE, PATH, DIR).
    std::string placeholder;
    std::string help;
    std::string group;  ///< The heading it stands under; empty: not for people.
    std::function<void(const std::string& text)> take;  ///< Flags take any text.

    const std::string& name() const { return names.back(); }
};

/// The group of what every command understands.
inline constexpr std::string_view kGlobalGroup = "Global options";

/// Words that are no options, as they were declared.
struct Words {
    std::string what;      ///< "JOB"
    std::size_t most = 0;  ///< 0: any number.
};

/// What a command understands. Each declaration binds an option to a variable that must outlive
/// the parsing. Values that are not what they should be end in Error(invalid_argument) naming the
/// option and the value. Behind it is CLI11, which is not seen
/// anywhere else.
class Arguments {
  public:
    /// `title` is how people call it: "atlasjob run".
    explicit Arguments(std::string title);
    ~Arguments();
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;

    const std::string& title() const { return title_; }

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
    /// One of `choices`, whose place among them `take` gets. Anything else throws and names the
    /// nearest of them.
    void choice(
        const std::string& names,
        std::span<const std::string_view> choices,
        std::function<void(std::size_t)> take,
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
    /// The same for words that name jobs; one that names none is refused when they are read.
    void jobs(std::vector<std::string>& names, std::size_t most = 0);

    /// Reads the words of a command line. False: help was asked for and nothing was checked.
    bool parse(const CommandLine& line, bool takes_command);

    /// The option of that long name without its dashes ("grace"), if it was declared for people.
    const Option* find(std::string_view name) const;
    /// Whether the command line that was parsed has it.
    bool given(const Option& option) const;

    /// All that was declared, in that order.
    std::span<const Option> options() const { return options_; }
    const std::optional<Words>& words() const { return words_are_; }

  private:
    Option& add(const std::string& names, const std::string& placeholder, const std::string& help);
    void accept_words(std::vector<std::string> words);
    [[noreturn]] void refuse_option(const std::string& option) const;

    std::unique_ptr<CLI::App> app_;
    std::string title_;
    std::string group_;
    std::vector<Option> options_;
    bool help_ = false;
    std::vector<std::string>* words_ = nullptr;
    bool words_name_jobs_ = false;
    std::optional<Words> words_are_;
};

}  // namespace atlasjob::cli
