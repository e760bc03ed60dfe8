#include "base/environment_path.h"

#include "base/file.h"

namespace atlasjob {

std::optional<std::string> environment_path(const char* name) {
    auto path = environment(name);
    if (path && !path->starts_with('/')) return {};
    return path;
}

std::string why_no_path(std::string_view name) {
    const std::string variable{name};
    return variable + (environment(variable.c_str()) ? " is not an absolute path" : " is not set");
}

}  // namespace atlasjob
