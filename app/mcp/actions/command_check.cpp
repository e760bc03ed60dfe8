#include "mcp/actions/command_check.h"

#include "mcp/actions/code_names.h"
#include "mcp/actions/objection.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kAsArgument =
    "pass it to a script as an argument, which is never code: "
    R"(["sh", "-c", "… \"$1\" …", "sh", "{name}"])";

}  // namespace

const Objection kProgram = {
    "uses this to choose a program to run, or the account to run it as",
    "write it literally; arguments after the program can be placeholders"};
const Objection kCode = {"reads this as a command or as code", kAsArgument};
const Objection kReadAgain = {
    "has a script here that runs its arguments, or passes them on as code or options",
    R"(use them as plain arguments of a command: ./sync -- "$1")"};
const Objection kOption = {
    "could read this as an option, or as something other than a plain argument",
    "put \"--\" before it if the program supports that, or give the parameter a pattern that "
    "begins with ^[A-Za-z0-9]"};
const Objection kUnknownOption = {
    "has an unknown option here, whose value could be code", kAsArgument};
const Objection kCount = {
    "finds its program by position, and this can become no argument or several",
    "make the parameter required (or give it a default) and of a single type other than array"};
const Objection kVariable = {
    "would set a variable that programs read as code, options or a search path",
    "use a variable of your own, or an argument"};
const Objection kName = {
    "would set a variable or setting whose name the caller chooses",
    "write NAME=, then the placeholder"};

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
            "in \"{}\", {{{}}}: {} cannot be the caller's choice", action.name,
            text.parameters().front(), what),
        "write it literally; arguments of the command can have placeholders");
}

}  // namespace atlasjob::mcp
