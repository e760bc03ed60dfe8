#include "cli/arguments.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

[[noreturn]] void refuse(const std::string& names, const std::string& value, const char* wanted) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} \"{}\": not {}", split(names, ',').back(), repair_utf8(value), wanted),
        fmt::format("give {}", wanted));
}

/// CLI11 says what is wrong in its own words; the option's name is in them.
Error usage_error(const CLI::ParseError& error, const std::string& title) {
    return Error{
        ErrorCode::invalid_argument, fmt::format("wrong usage: {}", repair_utf8(error.what())),
        fmt::format("see {} --help", title)};
}

}  // namespace

Arguments::Arguments(std::string title)
    : app_(std::make_unique<CLI::App>()), title_(std::move(title)), group_("Options") {
    app_->set_help_flag();  // Ours is an option like any other: help goes to us, not to exit().
    app_->allow_extras();   // Words and unknown options come back unread, brackets and all.
}

Arguments::~Arguments() = default;

void Arguments::flag(const std::string& names, bool& value, const std::string& help) {
    app_->add_flag(names, value, help)->group(group_);
}

void Arguments::action(
    const std::string& names, std::function<void()> act, const std::string& help) {
    app_->add_flag_callback(names, std::move(act), help)->group(group_);
}

void Arguments::value(
    const std::string& names,
    std::function<void(const std::string&)> take,
    const std::string& placeholder,
    const std::string& help) {
    const auto take_all = [take = std::move(take)](const CLI::results_t& values) {
        for (const std::string& value : values)
            take(value);
        return true;
    };
    app_->add_option(names, take_all, help)
        ->type_name(placeholder)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group(group_);
}

void Arguments::text(
    const std::string& names,
    std::optional<std::string>& value,
    const std::string& placeholder,
    const std::string& help) {
    this->value(
        names, [&value](const std::string& given) { value = given; }, placeholder, help);
}

void Arguments::texts(
    const std::string& names,
    std::vector<std::string>& values,
    const std::string& placeholder,
    const std::string& help) {
    value(
        names, [&values](const std::string& given) { values.push_back(given); }, placeholder, help);
}

void Arguments::duration(
    const std::string& names, std::optional<milliseconds>& value, const std::string& help) {
    const auto take = [&value, names](const std::string& given) {
        value = parse_duration(given);
        if (!value) refuse(names, given, "a duration such as 500ms, 30s, 15m, 2h or 7d");
    };
    this->value(names, take, "DURATION", help);
}

void Arguments::integer(
    const std::string& names,
    std::optional<std::int64_t>& value,
    const std::string& placeholder,
    const std::string& help) {
    const auto take = [&value, names](const std::string& given) {
        value = parse_integer<std::int64_t>(given);
        if (!value) refuse(names, given, "a whole number");
    };
    this->value(names, take, placeholder, help);
}

void Arguments::words(std::vector<std::string>& words, const std::string& what, std::size_t most) {
    words_ = &words;
    words_are_ = what;
    most_words_ = most;
}

bool Arguments::parse(const CommandLine& line, bool takes_command) {
    group("Global options");
    flag("-h,--help", help_, "show this");
    try {
        // CLI11 takes its arguments from the back.
        app_->parse(std::vector<std::string>{line.arguments.rbegin(), line.arguments.rend()});
    } catch (const CLI::ParseError& error) {
        throw usage_error(error, title_);
    }
    if (help_) return false;
    std::vector<std::string> words = app_->remaining();
    for (const std::string& word : words) {
        if (word.size() > 1 && word[0] == '-') refuse_option(word);
    }
    if (line.tail && !takes_command)
        words.insert(words.end(), line.tail->begin(), line.tail->end());
    accept_words(std::move(words));
    return true;
}

void Arguments::accept_words(std::vector<std::string> words) {
    const std::size_t most = words_ == nullptr ? 0 : most_words_ == 0 ? words.size() : most_words_;
    if (words.size() > most) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format(
                "unexpected argument \"{}\": {} takes {}", repair_utf8(words[most]), title_,
                most == 0 ? "none" : fmt::format("{} {}", most, words_are_)),
            fmt::format("see {} --help", title_));
    }
    if (words_ != nullptr) *words_ = std::move(words);
}

void Arguments::refuse_option(const std::string& option) const {
    const std::string name = option.substr(0, option.find('='));
    std::vector<std::string> names;
    for (const CLI::Option* known : app_->get_options()) {
        for (const std::string& longname : known->get_lnames())
            names.push_back("--" + longname);
    }
    const std::vector<std::string_view> candidates{names.begin(), names.end()};
    const std::string_view meant = nearest(name, candidates);
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("unknown option {}: {} has no such option", repair_utf8(name), title_),
        meant.empty() ? fmt::format("see {} --help", title_)
                      : fmt::format("did you mean {}?", meant));
}

std::string Arguments::options_help() const {
    CLI::Formatter formatter;
    formatter.column_width(34);
    std::string help = formatter.make_groups(app_.get(), CLI::AppFormatMode::Normal);
    // CLI11 shows what may be repeated as "x 1" and the like only for counts; trim its blank tail.
    while (help.ends_with("\n\n"))
        help.pop_back();
    return help;
}

}  // namespace atlasjob::cli
