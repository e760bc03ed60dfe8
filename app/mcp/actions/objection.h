#pragma once

#include "mcp/actions/command_check.h"

namespace atlasjob::mcp {

/// Why a placeholder is not allowed where it is, and how to fix it.
struct Objection {
    std::string_view why;
    std::string_view hint;
};

extern const Objection kProgram;
extern const Objection kCode;
extern const Objection kReadAgain;
extern const Objection kOption;
extern const Objection kUnknownOption;
extern const Objection kCount;
extern const Objection kVariable;
extern const Objection kName;

/// Throws Error(invalid_argument), naming the path, the action, the placeholder and the program
/// `who` that would misread it.
[[noreturn]] void refuse(
    const ActionParts& action,
    const FileValue& value,
    const Placeholders& text,
    const Objection& objection,
    std::string_view who);

}  // namespace atlasjob::mcp
