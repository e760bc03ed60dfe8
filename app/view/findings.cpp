#include "view/findings.h"

#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::view {

namespace {

std::string_view word_of(Finding::Level level) {
    switch (level) {
        case Finding::Level::ok:
            return "ok";
        case Finding::Level::note:
            return "note";
        case Finding::Level::problem:
            return "problem";
    }
    return {};
}

Color color_of(Finding::Level level) {
    switch (level) {
        case Finding::Level::ok:
            return Color::good;
        case Finding::Level::note:
            return Color::warning;
        case Finding::Level::problem:
            return Color::bad;
    }
    return Color::plain;
}

void append_finding(std::string& out, const Finding& finding) {
    JsonObject object{out};
    object.text("level", word_of(finding.level));
    object.text("subject", finding.subject);
    object.text("text", finding.text);
    if (finding.fix.empty()) {
        object.null("fix");
    } else {
        object.text("fix", finding.fix);
    }
}

std::string verdict_text(std::span<const Finding> findings) {
    const auto problems = std::ranges::count(findings, Finding::Level::problem, &Finding::level);
    if (problems == 0) return "healthy";
    return fmt::format("{} problem{}", problems, problems == 1 ? "" : "s");
}

}  // namespace

std::string error_json(const Error& error) {
    std::string out;
    {
        JsonObject object{out};
        JsonObject inner{object.member("error")};
        inner.text("code", error_row(error.code()).word);
        inner.text("message", error.message());
        if (error.hint().empty()) {
            inner.null("hint");
        } else {
            inner.text("hint", error.hint());
        }
    }
    return out;
}

bool is_healthy(std::span<const Finding> findings) {
    return std::ranges::none_of(
        findings, [](const Finding& f) { return f.level == Finding::Level::problem; });
}

std::string findings_json(std::string_view ledger, std::span<const Finding> findings) {
    std::string out;
    {
        JsonObject object{out};
        object.flag("healthy", is_healthy(findings));
        object.text("ledger", ledger);
        append_json_array(object.member("findings"), findings, append_finding);
    }
    return out;
}

std::string findings_text(
    std::string_view ledger, std::span<const Finding> findings, const Style& style) {
    std::size_t widest = 0;
    for (const Finding& finding : findings)
        widest = std::max(widest, display_width(printable(finding.subject)));
    std::string text = fmt::format("ledger {}\n", printable(ledger));
    for (const Finding& finding : findings) {
        const std::string subject = printable(finding.subject);
        const std::string_view level = word_of(finding.level);
        text += fmt::format(
            "  {}{:{}}  {}{:{}}  {}\n", painted(level, color_of(finding.level), style), "",
            7 - level.size(), subject, "", widest - display_width(subject),
            printable(finding.text));
        if (finding.fix.empty()) continue;
        text += fmt::format("  {:7}  {:{}}  -> {}\n", "", "", widest, printable(finding.fix));
    }
    return text + verdict_text(findings) + '\n';
}

}  // namespace atlasjob::view
