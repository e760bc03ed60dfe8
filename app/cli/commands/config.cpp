#include "base/environment_path.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/settings.h"
#include "cli/program.h"
#include "view/json_object.h"
#include "view/table.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

/// The effective value of a setting.
struct Effective {
    std::string key;
    std::vector<std::string> texts;  ///< Empty if it has no value.
    std::string_view source;         ///< default, file, environment or flag.
    std::string place;               ///< "line 3", "ATLASJOB_LEDGER", "--ledger"; may be empty.
    const Setting* setting = nullptr;
};

/// Empty if the account cannot be determined; the error is only noted, because `config` is used to
/// diagnose such problems.
std::vector<std::string> account(const Context& context) {
    try {
        return {context.principal().name};
    } catch (const Error& error) {
        print_error("atlasjob", false, error);
        return {};
    }
}

/// The default value, including those that depend on the environment.
std::vector<std::string> fallback_of(const Setting& setting, const Context& context) {
    if (setting.key == "ledger") {
        const auto home = environment_path("HOME");
        if (!home) return {};
        return {default_ledger(*home)};
    }
    if (setting.key == "principal") return account(context);
    if (setting.key == "worker.slots") return {std::to_string(default_slots())};
    if (setting.fallback.empty() || setting.is_list()) return {};
    return {std::string{setting.fallback}};
}

std::string words_of(const std::vector<std::string>& texts) {
    return texts.empty() ? "-" : view::printable(fmt::format("{}", fmt::join(texts, ", ")));
}

void append_value(std::string& out, const Effective& effective) {
    const Setting* const setting = effective.setting;
    if (setting != nullptr && setting->is_list()) {
        view::append_json_array(out, effective.texts, append_json_string);
    } else if (effective.texts.empty()) {
        out += "null";
    } else if (setting == nullptr || setting->is_switch() || setting->is_number()) {
        out += effective.texts[0];
    } else {
        append_json_string(out, effective.texts[0]);
    }
}

class ConfigCommand final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments_ = &arguments; }

    int run(Context& context) override {
        std::vector<Effective> all;
        for (const Setting& setting : settings())
            all.push_back(effective(setting, context));
        for (const auto& [key, value] : context.config().values) {
            if (find_setting(key) == nullptr)
                all.push_back({key, value.texts, "file", line_text(value), nullptr});
        }
        context.answer(
            context.options().json ? json_of(all, context.config()) : text_of(all, context));
        return 0;
    }

  private:
    Effective effective(const Setting& setting, const Context& context) const {
        Effective found{std::string{setting.key}, {}, "default", {}, &setting};
        if (setting.section().empty()) take_flag(found, context.options());
        if (found.source != "default") return found;
        if (const auto value = from_environment(setting)) {
            found.texts = {*value};
            found.source = "environment";
            found.place = setting.environment;
            return found;
        }
        const auto given = context.config().values.find(setting.key);
        if (given == context.config().values.end()) {
            found.texts = fallback_of(setting, context);
            return found;
        }
        found.texts = given->second.texts;
        found.source = "file";
        found.place = line_text(given->second);
        return found;
    }

    /// Applies a flag of this command line.
    void take_flag(Effective& found, const GlobalOptions& options) const {
        const Option* const option = arguments_->find(found.key);
        if (option == nullptr || !arguments_->given(*option)) return;
        found.source = "flag";
        found.place = option->name();
        if (found.key == "ledger") found.texts = {*options.ledger};
        if (found.key == "principal") found.texts = {*options.principal};
        if (found.key == "quiet") found.texts = {options.quiet ? "true" : "false"};
        if (found.key == "color")
            found.texts = {std::string{color_modes()[static_cast<std::size_t>(options.color)]}};
    }

    static std::string line_text(const ConfigValue& value) {
        return value.line == 0 ? std::string{} : fmt::format("line {}", value.line);
    }

    static std::string text_of(const std::vector<Effective>& all, const Context& context) {
        const ConfigFile& config = context.config();
        std::string text;
        if (!config.path.empty()) {
            text = fmt::format(
                "config file {}{}\n", view::printable(config.path),
                config.exists ? "" : " (does not exist)");
        }
        view::Table table{{{"SETTING"}, {"VALUE", false, true}, {"FROM"}}};
        for (const Effective& one : all) {
            std::string from{one.source};
            if (!one.place.empty()) from += (one.source == "file" ? ", " : " ") + one.place;
            const bool plain = one.source == "default";
            table.add(
                {{one.key},
                 {words_of(one.texts)},
                 {from, plain ? view::Color::faint : view::Color::strong}});
        }
        return text + table.text(context.style());
    }

    static std::string json_of(const std::vector<Effective>& all, const ConfigFile& config) {
        std::string out;
        {
            view::JsonObject object{out};
            object.text("file", config.path.empty() ? std::nullopt : std::optional{config.path});
            object.flag("exists", config.exists);
            view::JsonObject rows{object.member("settings")};
            for (const Effective& one : all) {
                view::JsonObject row{rows.member(one.key)};
                append_value(row.member("value"), one);
                row.text("source", one.source);
                row.text("place", one.place.empty() ? std::nullopt : std::optional{one.place});
            }
        }
        return out + '\n';
    }

    const Arguments* arguments_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_config() {
    return std::make_unique<ConfigCommand>();
}

}  // namespace atlasjob::cli
