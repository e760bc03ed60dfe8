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

/// A declared option, from which help, completions, the manual and suggestions are generated.
struct Option {
    std::vector<std::string> names;  ///< "-f", "--follow": the short one first.
    /// Describes the value; empty for a flag. Lower-case words between bars are literal values
    /// ("auto|always|never"); completions know some of the upper-case words (JOB, QUEUE, KIND,
    /// STATUS, FILE, PATH, DIR).
    std::string placeholder;
    std::string help;
    std::string group;                                  ///< The heading in help; empty if hidden.
    std::function<void(const std::string& text)> take;  ///< Flags ignore the text.

    const std::string& name() const { return names.back(); }
};

/// The heading of the global options.
inline constexpr std::string_view kGlobalGroup = "Global options";

/// Declaration of positional arguments.
struct Words {
    std::string what;     ///< "JOB"
    std::size_t max = 0;  ///< 0 means any number.
};

/// Options and arguments of a command. Each declaration binds an option to a variable that must
/// outlive parsing. Invalid values throw Error(invalid_argument) that names the option and the
/// value. Hides CLI11 from the rest of the program.
class Arguments {
  public:
    /// `title` is the name shown to users: "atlasjob run".
    explicit Arguments(std::string title);
    ~Arguments();
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;

    const std::string& title() const { return title_; }

    /// Sets the help heading of the declarations that follow.
    void group(std::string title) { group_ = std::move(title); }

    void flag(const std::string& names, bool& value, const std::string& help);
    /// A flag that calls `act` each time it is given.
    void action(const std::string& names, std::function<void()> act, const std::string& help);
    void text(
        const std::string& names,
        std::optional<std::string>& value,
        const std::string& placeholder,
        const std::string& help);
    /// A text option that may be repeated.
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
    /// One of `choices`; `take` gets its index. Other values throw and suggest the nearest one.
    void choice(
        const std::string& names,
        std::span<const std::string_view> choices,
        std::function<void(std::size_t)> take,
        const std::string& help);
    /// Any other value. `take` parses it, called each time the option is given, and throws
    /// invalid_argument if it is invalid.
    void value(
        const std::string& names,
        std::function<void(const std::string&)> take,
        const std::string& placeholder,
        const std::string& help);
    /// Positional arguments, at most `max` of them (0 means any number).
    void words(std::vector<std::string>& words, const std::string& what, std::size_t max = 0);
    /// Positional arguments that name jobs; texts that are not a JOB are refused while parsing.
    void jobs(std::vector<std::string>& names, std::size_t max = 0);

    /// Parses a command line. Returns false if help was requested; nothing is validated then.
    bool parse(const CommandLine& line, bool takes_command);

    /// The visible option with this long name without dashes ("grace"), or nullptr.
    const Option* find(std::string_view name) const;
    /// Whether the parsed command line contains the option.
    bool given(const Option& option) const;

    /// All declared options, in order of declaration.
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
