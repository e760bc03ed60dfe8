#pragma once

#include "base/clock.h"
#include "cli/options/command_line.h"
#include "cli/terminal/output.h"
#include "ledger/log_store.h"
#include "ledger/store.h"
#include "store/open.h"

#include <span>

namespace atlasjob::cli {

class Arguments;
struct ConfigFile;

/// The global options, accepted before and after the command name.
struct GlobalOptions {
    std::optional<std::string> ledger;
    std::optional<std::string> principal;
    bool admin = false;
    bool json = false;
    bool quiet = false;
    bool version = false;
    ColorMode color = ColorMode::automatic;
};

void declare(Arguments& arguments, GlobalOptions& options);

/// The values of --color, in the order of ColorMode.
std::span<const std::string_view> color_modes();

/// What a command works with: its options (with defaults from the config file, see settings.h) and
/// what follows from them and the environment, computed on demand. Belongs to one thread.
class Context {
  public:
    Context(
        const GlobalOptions& options,
        const CommandLine& line,
        const ConfigFile& config,
        const Clock& clock)
        : options_(options), line_(line), config_(config), clock_(clock) {}

    const GlobalOptions& options() const { return options_; }
    /// The config file, for settings that are not options.
    const ConfigFile& config() const { return config_; }
    const Clock& clock() const { return clock_; }
    Time now() const { return clock_.now(); }
    /// The command line before options were parsed.
    const CommandLine& line() const { return line_; }
    /// The arguments after "--", if it was given.
    const std::optional<std::vector<std::string>>& tail() const { return line_.tail; }

    /// The ledger as the user named it. Throws unavailable if it is not named and HOME is not set.
    std::string ledger() const;
    LedgerAddress address() const { return parse_address(ledger()); }
    /// The principal: --principal, else ATLASJOB_PRINCIPAL, else the OS account.
    Principal principal() const;
    /// The same without the OS account; nullopt if neither is set.
    std::optional<Principal> named_principal() const;

    std::unique_ptr<Store> open_to_read() const { return open_store(address(), OpenMode::read); }
    /// Creates the ledger if it does not exist. Only for run, submit, create and import.
    std::unique_ptr<Store> open_or_create() const {
        return open_store(address(), OpenMode::create);
    }
    /// For all other commands that write. Throws unavailable if there is no ledger; creates
    /// nothing.
    std::unique_ptr<Store> open_existing() const { return open_store(address(), OpenMode::write); }

    /// The output of the ledger's jobs, whether or not the ledger exists.
    std::unique_ptr<LogStore> open_logs() const;

    view::Style style() const { return style_of(1, options_.color); }
    /// Prints an answer, even with --quiet.
    void answer(std::string_view text) const { write_answer(text); }
    /// Prints a confirmation for people; silent with --quiet.
    void confirm(std::string_view text) const;
    /// With --json, prints the job as the answer of a command that changed it. Throws Error if it
    /// cannot be read or written, and expired if it no longer exists.
    void answer_job(Store& store, const JobId& id) const;
    /// The same for a submit, with the member "created": false if the answer is an active job that
    /// has the key.
    void answer_submitted(Store& store, const Submitted& submitted) const;

  private:
    std::string job_json(Store& store, const JobId& id) const;

    const GlobalOptions& options_;
    const CommandLine& line_;
    const ConfigFile& config_;
    const Clock& clock_;
};

}  // namespace atlasjob::cli
