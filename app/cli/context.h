#pragma once

#include "base/clock.h"
#include "cli/options/command_line.h"
#include "cli/terminal/output.h"
#include "ledger/store.h"
#include "store/open.h"

#include <span>

namespace atlasjob::cli {

class Arguments;
struct ConfigFile;

/// What every command understands, before and after its name.
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

/// The words of --color, in the order of ColorMode.
std::span<const std::string_view> color_modes();

/// What a command works with: the options it was given (those that were not, as the config file has
/// them: settings.h) and what follows from them and from the environment, worked out when it is
/// asked for. Belongs to one thread.
class Context {
  public:
    Context(
        const GlobalOptions& options,
        const CommandLine& line,
        const ConfigFile& config,
        const Clock& clock)
        : options_(options), line_(line), config_(config), clock_(clock) {}

    const GlobalOptions& options() const { return options_; }
    /// What the options do not have already.
    const ConfigFile& config() const { return config_; }
    const Clock& clock() const { return clock_; }
    Time now() const { return clock_.now(); }
    /// All that we were told, before anything was understood.
    const CommandLine& line() const { return line_; }
    /// The words after "--", if it was there.
    const std::optional<std::vector<std::string>>& tail() const { return line_.tail; }

    /// The ledger as the user named it. Throws unavailable when nothing says where it is.
    std::string ledger() const;
    LedgerLocation location() const { return locate_ledger(ledger()); }
    /// Whom to act for: --principal, ATLASJOB_PRINCIPAL, the OS account.
    Principal principal() const;
    /// The same without the last resort.
    std::optional<Principal> named_principal() const;

    std::unique_ptr<Store> open_to_read() const { return open_store(location(), OpenMode::read); }
    /// For run, submit, create and import alone: makes the ledger when there is none.
    std::unique_ptr<Store> open_or_create() const {
        return open_store(location(), OpenMode::create);
    }
    /// For whoever else writes. Throws unavailable when there is no ledger, and creates nothing.
    std::unique_ptr<Store> open_existing() const { return open_store(location(), OpenMode::write); }

    view::Style style() const { return style_of(1, options_.color); }
    /// Prints an answer; nothing is said with --quiet that is not data.
    void answer(std::string_view text) const { write_answer(text); }
    /// Prints a confirmation for people; silent with --quiet.
    void confirm(std::string_view text) const;
    /// Prints the job as the answer of a verb that changed it, with --json only. Throws Error when
    /// it cannot be read or written; expired when it is not there any more.
    void answer_job(Store& store, const JobId& id) const;

  private:
    const GlobalOptions& options_;
    const CommandLine& line_;
    const ConfigFile& config_;
    const Clock& clock_;
};

}  // namespace atlasjob::cli
