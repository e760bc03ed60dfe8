#include "cli/help/manual.h"

#include "base/text.h"
#include "cli/help/command_docs.h"
#include "cli/help/help.h"
#include "cli/options/settings.h"

#include <fmt/format.h>

#include <array>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kDescription =
    R"(Long work outlives the terminal, the agent session and the machine's uptime. atlasjob keeps one durable table of jobs and answers, from anywhere and at any time: is it running, how far is it, what came out, why did it fail - truthfully, even after a crash or a reboot.
There is no daemon and no server: a job that is submitted is run by a worker that is started where there is none, and that leaves when nothing is left to do. Every job has a number, and a job_id that no other ledger has; it is queued, running, done, error or cancelled.)";

constexpr std::string_view kTrust =
    R"(Whoever can read the ledger file can read every job in it; it is created 0600 in a directory 0700. A job keeps the environment and the directory it was submitted with, secrets included: --clean-env leaves them out. Every job has an owner. Other owners' jobs are answered exactly as if they did not exist; --admin sees all.)";

constexpr std::string_view kConfigDescription =
    R"(What a person would want to say once: the defaults of options. For each, the command line goes before the environment, that before this file, and this file before what is built in; atlasjob config shows what holds and why. The file is TOML: KEY = VALUE lines, texts in quotes, lists in brackets, sections of the commands they are about. The section [job] is about run, submit and create.
A key that nothing reads, and a value that its key cannot take, are errors that name the file and the line, for every command but doctor and help. Texts may not contain a # or the quote they stand in.)";

constexpr std::string_view kConfigExample = R"(ledger = "~/jobs/ledger.db"
color = "never"

[job]
log-limit = "256M"

[cancel]
grace = "30s"

[gc]
keep-error = "90d"

[worker]
slots = 4

[queue.gpu]
slots = 1
)";

/// A line with a name and what it means.
struct Entry {
    std::string_view name;
    std::string_view meaning;
};

// clang-format off
constexpr std::array kEnvironment = {
    Entry{"ATLASJOB_LEDGER",    "the ledger, where --ledger is not given; absolute, or of the working directory"},
    Entry{"ATLASJOB_PRINCIPAL", "whom to act for, where --principal is not given"},
    Entry{"ATLASJOB_ON_DEMAND_WORKER", "true or false: whether a worker is started where jobs are left with nobody to run them"},
    Entry{"NO_COLOR",           "no colours, unless --color says otherwise"},
    Entry{"ATLASJOB_JOB_ID",    "set for a job's command: the job it is; with ATLASJOB_ATTEMPT, its attempt"},
    Entry{"ATLASJOB_REPORT_FD", "set for a job's command: the descriptor (3) that takes a line of JSON for each report"},
    Entry{"ATLASJOB_STATUS",    "set for the command of --on-end: how the job ended"},
};

constexpr std::array kFiles = {
    Entry{"~/.config/atlasjob/config.toml",     "defaults; see atlasjob-config(5)"},
    Entry{"~/.local/state/atlasjob/ledger.db",  "the ledger"},
    Entry{"~/.local/state/atlasjob/ledger.db.logs/", "the output of jobs, in the Kubernetes CRI log format"},
};
// clang-format on

/// Text of a line that roff reads: no request at its front, no escape in it, and hyphens that can
/// be copied.
std::string roff(std::string_view text) {
    std::string out;
    if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
    for (const char c : text) {
        switch (c) {
            case '\\':
                out += "\\e";
                break;
            case '-':
                out += "\\-";
                break;
            case '\'':
                out += "\\(aq";
                break;
            case '`':
                out += "\\(ga";
                break;
            case '^':
                out += "\\(ha";
                break;
            case '~':
                out += "\\(ti";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string bold(std::string_view text) {
    return "\\fB" + roff(text) + "\\fR";
}

std::string header(std::string_view name, int section, std::string_view purpose) {
    return fmt::format(
        ".\\\" Made from the declarations of the program: atlasjob manual {0}.{1}\n"
        ".TH {2} {1} \"\" \"atlasjob " ATLASJOB_VERSION
        "\" \"{3}\"\n"
        ".SH NAME\n{4} \\- {5}\n",
        name, section, name == "atlasjob" ? "ATLASJOB" : "ATLASJOB\\-CONFIG",
        section == 1 ? "User Commands" : "File Formats", roff(name), roff(purpose));
}

std::string paragraphs(std::string_view prose) {
    std::string out;
    for (const std::string_view part : split(prose, '\n'))
        out += fmt::format("{}{}\n", out.empty() ? "" : ".PP\n", roff(part));
    return out;
}

std::string entry(std::string_view tag, std::string_view text) {
    return fmt::format(".TP\n{}\n{}\n", tag, roff(text));
}

template <class Entries>
std::string entries(std::string_view title, const Entries& all) {
    std::string out = fmt::format(".SH {}\n", title);
    for (const auto& [name, meaning] : all)
        out += entry(bold(name), meaning);
    return out;
}

std::string option_entry(const Option& option) {
    std::string tag;
    for (const std::string& name : option.names)
        tag += (tag.empty() ? "" : ", ") + bold(name);
    if (!option.placeholder.empty()) tag += " \\fI" + roff(option.placeholder) + "\\fR";
    return entry(tag, option.help);
}

std::string verbatim(std::string_view text) {
    std::string out = ".RS 4\n.nf\n";
    for (const std::string_view line : split(trim(text), '\n'))
        out += roff(line) + '\n';
    return out + ".fi\n.RE\n";
}

std::string command_section(const CommandDocs& page) {
    std::string out =
        fmt::format(".SS {}\n", roff(fmt::format("{} {}", page.row.name, page.row.usage)));
    std::string what{page.row.summary};
    what[0] = static_cast<char>(what[0] - 'a' + 'A');
    what += '.';
    for (const std::string_view line : split(page.row.help, '\n'))
        if (!line.empty()) what += ' ' + std::string{line};
    out += roff(what) + '\n';
    for (const Option& option : page.options)
        if (option.group != kGlobalGroup) out += option_entry(option);
    for (const Example& example : page.row.examples)
        out += fmt::format(".PP\n{}:\n.PP\n{}", roff(example.purpose), verbatim(example.line));
    return out;
}

/// A key below its section: "[cancel] grace".
std::string key_text(const Setting& setting) {
    return setting.section().empty() ? std::string{setting.key}
                                     : fmt::format("[{}] {}", setting.section(), setting.option());
}

std::string default_text(const Setting& setting) {
    std::string text;
    if (!setting.fallback.empty()) text = fmt::format(" (default: {})", setting.fallback);
    if (!setting.environment.empty()) text += fmt::format("; before it: {}", setting.environment);
    return text;
}

}  // namespace

std::string program_manual() {
    std::string page = header("atlasjob", 1, "a durable ledger of jobs");
    page += ".SH SYNOPSIS\n" + bold("atlasjob") + " [\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n";
    page += ".SH DESCRIPTION\n" + paragraphs(kDescription);
    page += ".PP\n" + roff(forms_text()) + '\n';
    page += ".SH GLOBAL OPTIONS\nAccepted before and after the command.\n";
    for (const Option& option : global_options())
        page += option_entry(option);
    page += ".SH COMMANDS\n";
    for (const CommandDocs& command : all_command_docs())
        page += command_section(command);
    page += entries("EXIT STATUS", exit_rows());
    page += entries("ENVIRONMENT", kEnvironment);
    page += entries("FILES", kFiles);
    page += ".SH SECURITY\n" + paragraphs(kTrust);
    return page + ".SH SEE ALSO\n" + bold("atlasjob-config") + "(5)\n";
}

std::string config_manual() {
    std::string page = header("atlasjob-config", 5, "defaults for atlasjob");
    page += ".SH SYNOPSIS\n" + roff("~/.config/atlasjob/config.toml") + '\n';
    page += ".SH DESCRIPTION\n" + paragraphs(kConfigDescription);
    page += ".SH SETTINGS\n";
    for (const Setting& setting : settings()) {
        const std::string tag = bold(key_text(setting)) + " = \\fI" + roff(setting.value) + "\\fR";
        page += entry(tag, std::string{setting.help} + default_text(setting));
    }
    page += entry(
        bold("[queue.NAME] slots") + " = \\fIN\\fR",
        "at most so many jobs of that queue at a time, whatever the workers could take");
    page += ".SH EXAMPLES\n" + verbatim(kConfigExample);
    return page + ".SH SEE ALSO\n" + bold("atlasjob") + "(1)\n";
}

std::string settings_markdown() {
    std::string table = "| key | value | built in | what it is |\n| --- | --- | --- | --- |\n";
    for (const Setting& setting : settings()) {
        std::string value{setting.value};
        for (std::size_t at = value.find('|'); at != std::string::npos;
             at = value.find('|', at + 2))
            value.insert(at, 1, '\\');
        const std::string before = setting.environment.empty()
                                       ? ""
                                       : fmt::format("; `{}` goes before it", setting.environment);
        table += fmt::format(
            "| `{}` | {} | {} | {}{} |\n", key_text(setting), value, setting.fallback, setting.help,
            before);
    }
    return table
           + "| `[queue.NAME] slots` | N |  | at most so many jobs of that queue at a time |\n";
}

}  // namespace atlasjob::cli
