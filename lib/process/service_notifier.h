#pragma once

#include <string>
#include <string_view>

namespace atlasjob {

/// Tells the service manager that started this process about its state, by the protocol of
/// sd_notify(3): one datagram of lines "NAME=value" to the socket that NOTIFY_SOCKET names.
class ServiceNotifier {
  public:
    /// Sends nothing.
    ServiceNotifier() = default;
    /// Takes NOTIFY_SOCKET from the environment, so that no child of this process has it. Sends
    /// nothing if it is not set. Call it before any other thread is started.
    [[nodiscard]] static ServiceNotifier from_environment();

    /// Never blocks for long and never fails: a state that cannot be delivered is dropped.
    void send(std::string_view state) const;

  private:
    std::string address_;  ///< A path, or "@" and an abstract name; empty: none.
};

/// Whether this process's standard error goes to the journal (systemd.exec(5), JOURNAL_STREAM), and
/// not to a job's log or a terminal.
[[nodiscard]] bool is_journal(int fd);

}  // namespace atlasjob
