#include "cli/options/arguments.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/options/command_line.h"
#include "cli/options/spec_values.h"
#include "ledger/find.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

[[noreturn]] void refuse(const std::string& names, const std::string& value, const char* expected) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} \"{}\": not {}", split(names, ',').back(), repair_utf8(value), expected),
        fmt::format("use {}", expected));
}

/// Converts a CLI11 error, whose message starts with the option's name.
Error usage_error(const CLI::ParseError& error, const std::string& title) {
    const std::string message = repair_utf8(error.what());
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        const std::string name = message.substr(0, message.find(':'));
        return Error{
            ErrorCode::invalid_argument, fmt::format("{} requires a value", name),
            fmt::format("use {}=VALUE; see {} --help", name, title)};
    }
    static constexpr std::string_view kNotAFlag = "Could not convert: ";
    if (message.starts_with(kNotAFlag)) {
        const std::string flag = message.substr(kNotAFlag.size());
        const std::string name = flag.substr(0, flag.find(' '));
        return Error{
            ErrorCode::invalid_argument, fmt::format("{} takes no value", name),
            fmt::format("use {} without a value", name)};
    }
    return Error{
        ErrorCode::invalid_argument, fmt::format("usage error: {}", message),
        fmt::format("see {} --help", title)};
}

}  // namespace

Arguments::Arguments(std::string title)
    : app_(std::make_unique<CLI::App>()), title_(std::move(title)), group_(kGlobalGroup) {
    app_->set_help_flag();  // --help is declared below as a normal option, because CLI11's would
                            // call exit().
    app_->allow_extras();   // Positional arguments and unknown options are returned unparsed.
    flag("-h,--help", help_, "show this help");
    group("Options");
}

Arguments::~Arguments() = default;

Option& Arguments::add(
    const std::string& names, const std::string& placeholder, const std::string& help) {
    Option& option = options_.emplace_back();
    for (const std::string_view name : split(names, ','))
        option.names.emplace_back(name);
    option.placeholder = placeholder;
    option.help = help;
    option.group = group_;
    return option;
}

void Arguments::flag(const std::string& names, bool& value, const std::string& help) {
    app_->add_flag(names, value);
    add(names, {}, help).take = [&value](const std::string&) { value = true; };
}

void Arguments::action(
    const std::string& names, std::function<void()> act, const std::string& help) {
    app_->add_flag_callback(names, act);
    add(names, {}, help).take = [act = std::move(act)](const std::string&) { act(); };
}

void Arguments::value(
    const std::string& names,
    std::function<void(const std::string&)> take,
    const std::string& placeholder,
    const std::string& help) {
    const auto take_all = [take](const CLI::results_t& values) {
        for (const std::string& value : values)
            take(value);
        return true;
    };
    app_->add_option(names, take_all)
        ->type_name(placeholder)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    add(names, placeholder, help).take = std::move(take);
}

void Arguments::choice(
    const std::string& names,
    std::span<const std::string_view> choices,
    std::function<void(std::size_t)> take,
    const std::string& help) {
    const std::string option{split(names, ',').back()};
    value(
        names,
        [=, take = std::move(take)](const std::string& text) {
            take(require_choice(option, text, choices));
        },
        fmt::format("{}", fmt::join(choices, "|")), help);
}

void Arguments::text(
    const std::string& names,
    std::optional<std::string>& value,
    const std::string& placeholder,
    const std::string& help) {
    this->value(
        names, [&value](const std::string& text) { value = text; }, placeholder, help);
}

void Arguments::texts(
    const std::string& names,
    std::vector<std::string>& values,
    const std::string& placeholder,
    const std::string& help) {
    value(
        names, [&values](const std::string& text) { values.push_back(text); }, placeholder, help);
}

void Arguments::duration(
    const std::string& names, std::optional<milliseconds>& value, const std::string& help) {
    const auto take = [&value, names](const std::string& text) {
        value = parse_duration(text);
        if (!value) refuse(names, text, "a duration such as 500ms, 30s, 15m, 2h, 7d or 1w");
    };
    this->value(names, take, "DURATION", help);
}

void Arguments::integer(
    const std::string& names,
    std::optional<std::int64_t>& value,
    const std::string& placeholder,
    const std::string& help) {
    const auto take = [&value, names](const std::string& text) {
        value = parse_integer<std::int64_t>(text);
        if (!value) refuse(names, text, "a whole number");
    };
    this->value(names, take, placeholder, help);
}

void Arguments::words(std::vector<std::string>& words, const std::string& what, std::size_t max) {
    words_ = &words;
    words_are_ = {what, max};
}

void Arguments::jobs(std::vector<std::string>& names, std::size_t max) {
    words(names, "JOB", max);
    words_name_jobs_ = true;
}

bool Arguments::parse(const CommandLine& line, bool takes_command) {
    try {
        // CLI11 expects the arguments in reverse order.
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
    const std::size_t declared = words_are_ ? words_are_->max : 0;
    const std::size_t max = words_ == nullptr ? 0 : declared == 0 ? words.size() : declared;
    if (words.size() > max) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format(
                "unexpected argument \"{}\": {} takes {}", repair_utf8(words[max]), title_,
                max == 0 ? "no arguments" : fmt::format("{} {}", max, words_are_->what)),
            fmt::format("see {} --help", title_));
    }
    if (words_name_jobs_)
        for (const std::string& word : words)
            static_cast<void>(require_job_name(word));
    if (words_ != nullptr) *words_ = std::move(words);
}

void Arguments::refuse_option(const std::string& option) const {
    const std::string name = option.substr(0, option.find('='));
    std::vector<std::string_view> names;
    for (const Option& known : options_) {
        if (!known.group.empty()) names.emplace_back(known.name());
    }
    const std::string_view meant = nearest(name, names);
    throw Error(
        ErrorCode::invalid_argument, fmt::format("unknown option {}", repair_utf8(name)),
        meant.empty() ? fmt::format("see {} --help", title_)
                      : fmt::format("did you mean {}?", meant));
}

const Option* Arguments::find(std::string_view name) const {
    const auto found = std::ranges::find_if(options_, [&](const Option& option) {
        return !option.group.empty() && option.name().substr(2) == name;
    });
    return found == options_.end() ? nullptr : &*found;
}

bool Arguments::given(const Option& option) const {
    return app_->count(option.name()) > 0;
}

}  // namespace atlasjob::cli
