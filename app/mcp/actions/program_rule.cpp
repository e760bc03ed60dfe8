#include "mcp/actions/program_rule.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

namespace atlasjob::mcp {

namespace {

using Takes = KnownOption::Takes;
using Programs = std::map<std::string, std::shared_ptr<const KnownProgram>, std::less<>>;

constexpr std::array<std::pair<char, Takes>, 7> kSigns = {{
    {'?', Takes::maybe},
    {':', Takes::data},
    {'!', Takes::code},
    {'=', Takes::assignment},
    {'%', Takes::git_setting},
    {'>', Takes::command},
    {'@', Takes::subcommand},
}};
constexpr std::string_view kChanges = "~*$";
constexpr std::string_view kDigits = "0123456789";
/// Suffixes that packages add to program names.
constexpr std::array<std::string_view, 6> kVariants = {"-static", "-dbg", "-debug",
                                                       ".exe",    "-jit", ".real"};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (const std::string_view word : split(text, ' '))
        if (!word.empty()) words.push_back(word);
    return words;
}

KnownOption read_option(std::string_view word) {
    KnownOption option;
    for (; kChanges.find(word.back()) != std::string_view::npos; word.remove_suffix(1)) {
        option.data_follows = option.data_follows || word.back() == '~';
        option.uses_alternative = option.uses_alternative || word.back() == '*';
        option.ends_reading = option.ends_reading || word.back() == '$';
    }
    // A count such as ":2"; but "-2" is an option's name.
    const std::size_t before = word.size() > 2 ? word.size() - 2 : 0;
    const auto is_sign = [](char c) {
        return std::ranges::any_of(kSigns, [c](const auto& sign) { return sign.first == c; });
    };
    if (before > 0 && is_sign(word[before])
        && kDigits.find(word.back()) != std::string_view::npos) {
        option.count = static_cast<std::size_t>(word.back() - '0');
        word.remove_suffix(1);
    }
    for (const auto& [sign, takes] : kSigns) {
        // "-?" is an option's name, too.
        if (word.size() < 3 || word.back() != sign) continue;
        option.takes = takes;
        word.remove_suffix(1);
        break;
    }
    option.name = word;
    return option;
}

Operand read_operand(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, Operand>, 8> kOperands = {{
        {"data", Operand::data},
        {"code", Operand::code},
        {"program", Operand::program},
        {"assign", Operand::assign},
        {"maybe", Operand::maybe},
        {"letters", Operand::letters},
        {"command", Operand::command},
        {"sub", Operand::sub},
    }};
    return std::ranges::find(kOperands, word, [](const auto& known) { return known.first; })
        ->second;
}

Operands read_operands(std::string_view text) {
    Operands operands;
    for (std::string_view word : words_of(text)) {
        operands.repeats = word.ends_with('*');
        if (operands.repeats) word.remove_suffix(1);
        operands.list.push_back(read_operand(word));
    }
    return operands;
}

/// Every parsed rule, under each of its names.
Programs read_programs() {
    Programs programs;
    for (const auto rules : {interpreter_rules(), launcher_rules(), tool_rules()}) {
        for (const ProgramRule& rule : rules) {
            const auto program = std::make_shared<const KnownProgram>(rule);
            for (const std::string_view name : split(rule.names, '|'))
                programs.emplace(name, program);
        }
    }
    return programs;
}

/// Parsed once, when the first actions file is read.
const Programs& programs() {
    static const Programs all = read_programs();
    return all;
}

std::string_view without_variant(std::string_view name) {
    for (const std::string_view variant : kVariants)
        if (name.size() > variant.size() && name.ends_with(variant))
            name.remove_suffix(variant.size());
    return name;
}

}  // namespace

KnownProgram::KnownProgram(const ProgramRule& rule)
    : operands(read_operands(rule.operands)),
      alternative(read_operands(rule.alternative)),
      reads(rule.reads) {
    for (const std::string_view word : words_of(rule.options))
        options.push_back(read_option(word));
}

const KnownOption* KnownProgram::option(std::string_view name) const {
    const auto found = std::ranges::find(options, name, &KnownOption::name);
    return found == options.end() ? nullptr : &*found;
}

std::vector<const KnownOption*> KnownProgram::options_named(std::string_view name) const {
    if (const KnownOption* exact = option(name)) return {exact};
    std::vector<const KnownOption*> abbreviated;
    for (const KnownOption& known : options)
        if (known.name.size() > 2 && known.name.starts_with(name)) abbreviated.push_back(&known);
    return abbreviated;
}

std::string program_name(std::string_view word) {
    std::string_view name = word.substr(word.rfind('/') + 1);
    // The dynamic loader has a different name on each architecture: ld-linux-x86-64.so.2,
    // ld-musl-x86_64.so.1
    if (name.starts_with("ld-") && name.find(".so") != std::string_view::npos) return "ld.so";
    if (known_program(std::string{name}) != nullptr) return std::string{name};
    name = without_variant(name);
    const std::size_t end = name.find_last_not_of("0123456789.-");
    return std::string{
        without_variant(name.substr(0, end == std::string_view::npos ? 0 : end + 1))};
}

const KnownProgram* known_program(const std::string& name) {
    const auto found = programs().find(name);
    return found == programs().end() ? nullptr : found->second.get();
}

}  // namespace atlasjob::mcp
