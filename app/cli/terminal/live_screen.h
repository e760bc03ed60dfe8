#pragma once

#include "ledger/store.h"
#include "view/style.h"

#include <string>
#include <string_view>

namespace atlasjob::cli {

/// An area of the terminal that is redrawn in place. However the process ends (q, Ctrl-C, TERM,
/// HUP, an error), the terminal is restored; Ctrl-Z and fg work. At most one object may exist, and
/// only if `is_possible`.
class LiveScreen {
  public:
    enum class Place {
        whole_screen,  ///< The alternate screen, which leaves nothing behind. Reads keys.
        below,         ///< Below the cursor; the last drawing stays. Does not read keys.
    };

    /// Whether `fd` is a terminal that can be drawn on.
    static bool is_possible(int fd);

    LiveScreen(int fd, Place place);
    LiveScreen(const LiveScreen&) = delete;
    LiveScreen& operator=(const LiveScreen&) = delete;
    ~LiveScreen();

    /// Replaces the drawing by `text`, in one write and without clearing first, to avoid flicker.
    /// Lines that do not fit on the screen are left out.
    void draw(std::string_view text);

    /// Writes a sequence of terminal_progress.h, unless it is the one already shown. The destructor
    /// and the signals that end or stop the process take the progress away.
    void show_progress(std::string_view sequence);

    /// Sleeps until `change_watch` reports a change, the terminal is resized, a key is pressed or
    /// `max_sleep` has passed, but at least 50 ms, so that many changes cause at most 20 redraws
    /// per second. Returns false if the user pressed q.
    bool sleep_on(ChangeWatch& change_watch, milliseconds max_sleep);

  private:
    bool poll_once(int change_fd, milliseconds timeout);
    bool read_keys() const;

    int fd_;
    Place place_;
    std::size_t lines_ = 0;  ///< Number of lines drawn.
    std::string progress_;   ///< The sequence shown.
    bool reads_keys_ = false;
};

}  // namespace atlasjob::cli
