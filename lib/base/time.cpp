#include "base/time.h"

#include <fmt/format.h>

#include <charconv>

namespace atlasjob {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads tokens from the start of a text; after the first failure every further read fails.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        if (rest_.size() < count) return fail();
        const char* end = rest_.data() + count;
        const auto [stop, error] = std::from_chars(rest_.data(), end, value);
        if (error != std::errc{} || stop != end || rest_[0] == '-') return fail();
        rest_.remove_prefix(count);
        return value;
    }

    bool accept(char c) {
        if (rest_.empty() || rest_[0] != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char c) {
        if (!accept(c)) fail();
    }

    bool next_is_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
    bool complete() const { return ok_ && rest_.empty(); }
    int fail() {
        ok_ = false;
        rest_ = {};
        return 0;
    }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

milliseconds scan_fraction(Scanner& scanner) {
    int ms = 0;
    int count = 0;
    while (scanner.next_is_digit()) {
        const int digit = scanner.digits(1);
        if (count < 3) ms = ms * 10 + digit;
        ++count;
    }
    if (count == 0 || count > 9) scanner.fail();
    for (; count < 3; ++count)
        ms *= 10;
    return milliseconds{ms};
}

minutes scan_zone(Scanner& scanner) {
    if (scanner.accept('Z') || scanner.accept('z')) return {};
    const bool ahead = scanner.accept('+');
    if (!ahead) scanner.expect('-');
    const int hour = scanner.digits(2);
    scanner.expect(':');
    const int minute = scanner.digits(2);
    if (hour > 23 || minute > 59) scanner.fail();
    const minutes offset = hours{hour} + minutes{minute};
    return ahead ? offset : -offset;
}

/// Replaces two characters by the digits of a number below 100.
void put_digits(std::string& text, std::size_t at, unsigned number) {
    text[at] = static_cast<char>('0' + number / 10);
    text[at + 1] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string format_time(Time time) {
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    // Without fmt::format, on which a list of 1,000 jobs as JSON spent a tenth of its time.
    std::string text = "0000-00-00T00:00:00.000Z";
    put_digits(text, 8, static_cast<unsigned>(date.day()));
    put_digits(text, 5, static_cast<unsigned>(date.month()));
    put_digits(text, 11, static_cast<unsigned>(clock.hours().count()));
    put_digits(text, 14, static_cast<unsigned>(clock.minutes().count()));
    put_digits(text, 17, static_cast<unsigned>(clock.seconds().count()));
    const auto ms = static_cast<unsigned>(clock.subseconds().count());
    put_digits(text, 20, ms / 10);
    text[22] = static_cast<char>('0' + ms % 10);
    const int year = static_cast<int>(date.year());
    if (year < 0 || year > 9999) return fmt::format("{:04}", year) + text.substr(4);
    put_digits(text, 0, static_cast<unsigned>(year) / 100);
    put_digits(text, 2, static_cast<unsigned>(year) % 100);
    return text;
}

std::optional<Time> parse_time(std::string_view text) {
    Scanner scanner{text};
    const std::chrono::year year{scanner.digits(4)};
    scanner.expect('-');
    const std::chrono::month month{static_cast<unsigned>(scanner.digits(2))};
    scanner.expect('-');
    const std::chrono::day day{static_cast<unsigned>(scanner.digits(2))};
    if (!scanner.accept('T') && !scanner.accept('t')) scanner.expect(' ');
    const int hour = scanner.digits(2);
    scanner.expect(':');
    const int minute = scanner.digits(2);
    scanner.expect(':');
    const int second = scanner.digits(2);
    const milliseconds fraction = scanner.accept('.') ? scan_fraction(scanner) : milliseconds{};
    const minutes offset = scan_zone(scanner);
    const std::chrono::year_month_day date{year, month, day};
    // A leap second (:60) becomes the first second of the next minute.
    if (!scanner.complete() || !date.ok() || hour > 23 || minute > 59 || second > 60) return {};
    return std::chrono::sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + fraction
           - offset;
}

}  // namespace atlasjob
