#include "rpc/raw_member.h"

#include "base/json_parts.h"
#include "base/text.h"

namespace atlasjob::rpc {

std::string_view raw_member(std::string_view object, std::string_view key) {
    std::string_view found;
    std::size_t at = object.find('{') + 1;
    while ((at = object.find('"', at)) != std::string_view::npos) {
        const std::size_t name_length = json_string_length(object.substr(at));
        const std::string_view name = object.substr(at + 1, name_length - 2);
        const std::size_t value_at = object.find(':', at + name_length) + 1;
        const std::size_t length = json_value_length(object.substr(value_at));
        if (name == key) found = trim(object.substr(value_at, length));
        at = value_at + length;
    }
    return found;
}

}  // namespace atlasjob::rpc
