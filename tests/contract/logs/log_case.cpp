#include "contract/logs/log_case.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

namespace atlasjob::test {

namespace {

std::unique_ptr<LogPlace> next_place() {
    const std::size_t index = GENERATE(range(std::size_t{0}, kLogStoreFactories.size()));
    const LogStoreFactory& factory = kLogStoreFactories.at(index);
    UNSCOPED_INFO("log store: " << factory.name);
    return factory.make_place();
}

}  // namespace

LogCase::LogCase() : place(next_place()), logs(place->open(clock)) {}

std::string LogCase::text(std::optional<Stream> only, int attempt) const {
    const LogPage page = logs->page({id, attempt, only, true}, 0, 64 << 20);
    REQUIRE(page.at_end);
    return page.text;
}

std::string LogCase::read_from(
    std::int64_t& offset, std::size_t limit_bytes, std::optional<Stream> only) const {
    std::string text;
    for (;;) {
        const LogPage page = logs->page({id, 1, only}, offset, limit_bytes);
        if (page.dropped) text += "[...]";
        text += page.text;
        offset = page.next_offset;
        if (page.at_end) return text;
    }
}

std::vector<std::string> LogCase::tail(std::size_t lines, int attempt) const {
    return texts(logs->follow(id, {attempt, attempt})->skip_to_tail({lines, {}, kTailBytes}));
}

std::string LogCase::read(LogFollower& follower) {
    std::string text;
    const LogFollower::Calls calls{
        [&](const LogRecord& record) {
            text.append(record.text).append(record.partial ? "" : "\n");
        },
        [&] { text += "[...]"; }};
    while (follower.read_some(calls)) {
    }
    return text;
}

void put(LogWriter& writer, Stream stream, std::string_view bytes) {
    writer.write(stream, bytes);
    if (!writer.holds_partial()) writer.flush_partial();
}

std::string numbered(int from, int to) {
    std::string text;
    for (int n = from; n < to; ++n)
        text += fmt::format("line {:04}\n", n);
    return text;
}

std::vector<std::string> texts(const std::vector<LogLine>& lines) {
    std::vector<std::string> texts;
    for (const LogLine& line : lines)
        texts.push_back(line.text);
    return texts;
}

}  // namespace atlasjob::test
