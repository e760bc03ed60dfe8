#include "cli/options/command_line.h"

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

/// The global options whose value may be the next word, which then is not the command.
constexpr std::array<std::string_view, 3> kGlobalsWithValue = {
    "--ledger", "--principal", "--color"};

bool takes_next_word(std::string_view word) {
    return std::ranges::find(kGlobalsWithValue, word) != kGlobalsWithValue.end();
}

/// CLI11 treats "--name=" as an option without a value and would consume the next word, so it is
/// passed as two words, the second one empty.
void add_word(std::vector<std::string>& words, std::string_view word) {
    if (word.starts_with("--") && word.size() > 3 && word.find('=') == word.size() - 1) {
        words.emplace_back(word.substr(0, word.size() - 1));
        words.emplace_back();
    } else {
        words.emplace_back(word);
    }
}

}  // namespace

CommandLine split_command_line(std::span<const char* const> words) {
    CommandLine line;
    const auto cut = std::ranges::find(
        words, std::string_view{"--"}, [](const char* word) { return std::string_view{word}; });
    if (cut != words.end()) line.tail.emplace(cut + 1, words.end());
    bool is_value = false;
    for (const char* const raw : words.first(static_cast<std::size_t>(cut - words.begin()))) {
        const std::string_view word = raw;
        if (line.command.empty() && !is_value && !word.empty() && word[0] != '-') {
            line.command = word;
            continue;
        }
        is_value = !is_value && takes_next_word(word);
        line.json = line.json || word == "--json";
        add_word(line.arguments, word);
    }
    return line;
}

}  // namespace atlasjob::cli
