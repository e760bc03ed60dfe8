#include "mcp/actions/command_check.h"

#include "mcp/actions/code_names.h"
#include "mcp/actions/objection.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kAsArgument =
    "hand it to a script as an argument, which is never code: "
    R"(["sh", "-c", "… \"$1\" …", "sh", "{name}"])";

}  // namespace

const Objection kProgram = {
    "takes what stands here for a program, or for what decides which one runs and as whom",
    "write it down in the file; what follows the program can be a placeholder"};
const Objection kCode = {"reads what stands here as a command or as code", kAsArgument};
const Objection kReadAgain = {
    "has a text here that runs its arguments, or hands them to what reads them as code or options",
    R"(use them as plain arguments of a command: ./sync -- "$1")"};
const Objection kOption = {
    "could read it as an option, or take it for something else than a plain argument",
    "put \"--\" before it where the program knows that, or give the parameter a pattern that "
    "begins "
    "with ^[A-Za-z0-9]"};
const Objection kUnknownOption = {
    "has an option here of which nothing is known, so that its value could be code", kAsArgument};
const Objection kCount = {
    "finds its program by counting, and this can be no argument or several",
    "make the parameter required (or give it a default) and of one type that is no list"};
const Objection kVariable = {
    "would set a variable with it that programs take for code, for options, or for where to find "
    "them",
    "use a variable of your own, or an argument"};
const Objection kName = {
    "would set a variable or a setting whose name it is", "write NAME=, then the placeholder"};

void refuse(
    const ActionParts& action,
    const FileValue& value,
    const Placeholders& text,
    const Objection& objection,
    std::string_view who) {
    value.refuse(
        fmt::format(
            "in \"{}\", {{{}}}: {} {}", action.name, text.parameters().front(), who, objection.why),
        objection.hint);
}

void refuse_code_variable(
    const ActionParts& action,
    const FileValue& value,
    const std::string& variable,
    const Placeholders& text) {
    if (text.parameters().empty() || !is_code_variable(variable)) return;
    refuse(action, value, text, kVariable, "this");
}

void refuse_any_value(
    const ActionParts& action,
    const FileValue& value,
    const Placeholders& text,
    std::string_view what) {
    if (text.parameters().empty()) return;
    value.refuse(
        fmt::format(
            "in \"{}\", {{{}}}: {} cannot be a caller's choice", action.name,
            text.parameters().front(), what),
        "write it down here; the command's arguments can have placeholders");
}

}  // namespace atlasjob::mcp
