#pragma once

#include "mcp/actions/file_value.h"
#include "mcp/actions/parameter_shape.h"
#include "mcp/actions/placeholders.h"

#include <map>
#include <string>
#include <vector>

namespace atlasjob::mcp {

/// The parts of an action that determine which values its placeholders can take.
struct ActionParts {
    std::string name;
    std::map<std::string, ParameterShape> shapes;  ///< By parameter name.
};

/// Throws Error(invalid_argument), with the path in the file, for a placeholder in an action's
/// command that is a program, or that a shell, another interpreter or a launcher would run as a
/// command or as code, and for one where that cannot be ruled out (program_rule.h). `command` is
/// the value that `words` come from; `depth` counts the shell scripts around it.
void refuse_run_values(
    const ActionParts& action,
    const FileValue& command,
    const std::vector<Placeholders>& words,
    int depth = 0);

/// The same for the value of an environment variable, which programs may read as code.
void refuse_code_variable(
    const ActionParts& action,
    const FileValue& value,
    const std::string& variable,
    const Placeholders& text);

/// The same where no placeholder is allowed at all: the directory, the name of a variable.
void refuse_any_value(
    const ActionParts& action,
    const FileValue& value,
    const Placeholders& text,
    std::string_view what);

}  // namespace atlasjob::mcp
