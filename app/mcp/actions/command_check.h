#pragma once

#include "mcp/actions/file_value.h"
#include "mcp/actions/parameter_shape.h"
#include "mcp/actions/placeholders.h"

#include <map>
#include <string>
#include <vector>

namespace atlasjob::mcp {

/// What of an action is needed to tell what its values can become.
struct ActionParts {
    std::string name;
    std::map<std::string, ParameterShape> shapes;  ///< Of its parameters.
};

/// Throws Error(invalid_argument), with the place, for a placeholder in an action's command that is
/// a program, or is in what a shell, another interpreter or a launcher reads as a command or code,
/// and for one of which that cannot be told (program_rule.h). `command`: where `words` stand;
/// `depth`: in how many shells' texts.
void refuse_run_values(
    const ActionParts& action,
    const FileValue& command,
    const std::vector<Placeholders>& words,
    int depth = 0);

/// The same for the value of a variable, which programs may take for code, too.
void refuse_code_variable(
    const ActionParts& action,
    const FileValue& value,
    const std::string& variable,
    const Placeholders& text);

/// The same where no placeholder can stand at all: a directory, the name of a variable.
void refuse_any_value(
    const ActionParts& action,
    const FileValue& value,
    const Placeholders& text,
    std::string_view what);

}  // namespace atlasjob::mcp
