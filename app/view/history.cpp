#include "view/history.h"

#include "view/moments.h"

#include <fmt/format.h>

namespace atlasjob::view {

std::string event_text(const Event& event, Time now, const Style& style) {
    std::string course{to_string(event.to)};
    if (event.from && *event.from != event.to)
        course = fmt::format("{} -> {}", to_string(*event.from), course);
    std::string text = fmt::format(
        "{:>6}  {:<19}  {}  {:<15}  {}  by {}", event.seq, clock_text(event.at, now), event.job_id,
        printable(event.type), painted(course, ink_of(event.to), style), printable(event.actor));
    if (event.reason) text += fmt::format(" ({})", to_string(*event.reason));
    return text + '\n';
}

}  // namespace atlasjob::view
