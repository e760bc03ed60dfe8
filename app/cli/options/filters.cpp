#include "cli/options/filters.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/options/arguments.h"
#include "cli/options/spec_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

Status require_status(std::string_view word) {
    std::array<std::string_view, kStatuses.size()> words;
    std::ranges::transform(kStatuses, words.begin(), [](Status s) { return to_string(s); });
    return kStatuses[require_choice("--status", word, words)];
}

TimeBound require_bound(std::string_view option, std::string_view text) {
    if (const auto at = TimeText::parse(text)) return {at, {}};
    if (const auto ago = parse_duration(text)) return {{}, ago};
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} \"{}\": not a time", option, repair_utf8(text)),
        "use a date such as 2026-11-22, a time such as 18:00, yesterday, \"2026-11-22 18:00\" or "
        "2026-11-22T12:00:00Z, or an age such as 2h");
}

/// A value of --sort. By default, numbers and times sort descending, like the list itself, and
/// names ascending.
struct SortWord {
    std::string_view word;
    ListKey key;
    bool ascending = false;
};
constexpr std::array kSortWords = {
    SortWord{"created", ListKey::seq},
    SortWord{"started", ListKey::started_at},
    SortWord{"updated", ListKey::updated_at},
    SortWord{"ended", ListKey::ended_at},
    SortWord{"seq", ListKey::seq},
    SortWord{"priority", ListKey::priority},
    SortWord{"status", ListKey::status, true},
    SortWord{"kind", ListKey::kind, true},
    SortWord{"name", ListKey::name, true},
    SortWord{"queue", ListKey::queue, true},
    SortWord{"owner", ListKey::owner, true},
};

[[noreturn]] void refuse_order(const std::string& text) {
    std::string words;
    for (const SortWord& row : kSortWords)
        words += fmt::format(" {}", row.word);
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--sort \"{}\": unknown sort field", repair_utf8(text)),
        fmt::format("use one of{}, optionally with :asc or :desc", words));
}

ListOrder require_order(const std::string& text) {
    std::string_view word = text;
    std::optional<bool> ascending;
    const auto remove_suffix = [&](std::string_view suffix) {
        if (!word.ends_with(suffix)) return false;
        word.remove_suffix(suffix.size());
        return true;
    };
    if (remove_suffix(":asc")) ascending = true;
    if (remove_suffix(":desc")) ascending = false;
    if (word.starts_with('-')) {
        word.remove_prefix(1);
        ascending = false;
    }
    remove_suffix("_at");
    const auto* row = std::ranges::find(kSortWords, word, &SortWord::word);
    if (row == kSortWords.end()) refuse_order(text);
    return {row->key, ascending.value_or(row->ascending)};
}

void declare_list(
    Arguments& arguments,
    const std::string& name,
    std::vector<std::string>& values,
    const std::string& what) {
    arguments.value(
        name, [&values](const std::string& text) { values.push_back(text); }, what,
        "only this " + what + "; may be repeated");
}

void declare_bound(
    Arguments& arguments, const std::string& name, TimeBound& bound, const std::string& help) {
    arguments.value(
        name, [&bound, name](const std::string& text) { bound = require_bound(name, text); },
        "TIME|DURATION", help);
}

}  // namespace

std::optional<Time> TimeBound::resolve(Time now) const {
    if (ago) return now - *ago;
    return at ? std::optional{at->resolve(now, TimeText::Side::past)} : std::nullopt;
}

bool Filters::any() const {
    return filter != JobFilter{} || since.is_set() || until.is_set();
}

JobFilter Filters::at(Time now) const {
    JobFilter bound = filter;
    bound.since = since.resolve(now);
    bound.until = until.resolve(now);
    return bound;
}

void declare_filters(Arguments& arguments, Filters& filters) {
    JobFilter& filter = filters.filter;
    arguments.group("Filters");
    arguments.value(
        "--status",
        [&filter](const std::string& text) {
            for (const std::string_view word : split(text, ','))
                filter.statuses.push_back(require_status(word));
        },
        "STATUS", "only this status; may be repeated or comma-separated");
    declare_list(arguments, "--kind", filter.kinds, "KIND");
    declare_list(arguments, "--queue", filter.queues, "QUEUE");
    arguments.value(
        "--label",
        [&filter](const std::string& text) { filter.labels.push_back(parse_label(text)); },
        "KEY=VALUE", "only with this label; repeat to require several");
    declare_list(arguments, "--owner", filter.owners, "OWNER");
    declare_list(arguments, "--session", filter.sessions, "SESSION");
    declare_bound(
        arguments, "--since", filters.since, "created at this time or later, or within this age");
    declare_bound(arguments, "--until", filters.until, "created before this time, or longer ago");
    arguments.text(
        "--search", filter.search, "TEXT", "text in the name, kind, message, error or command");
}

void declare_order(Arguments& arguments, ListOrder& order) {
    arguments.value(
        "--sort", [&](const std::string& text) { order = require_order(text); },
        "FIELD[:asc|:desc]",
        "sort by created (default), started, updated, ended, priority, status, kind, name, queue "
        "or owner");
}

}  // namespace atlasjob::cli
