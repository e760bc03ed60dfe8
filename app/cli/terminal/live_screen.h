#pragma once

#include "ledger/store.h"
#include "view/style.h"

#include <string_view>

namespace atlasjob::cli {

/// A part of a terminal that is drawn over and over, while the user looks on. However this process
/// ends (q, Ctrl-C, TERM, HUP, an error), the terminal is as it was before; Ctrl-Z and fg work.
/// One at a time, and only where `is_possible`.
class LiveScreen {
  public:
    enum class Place {
        whole_screen,  ///< Leaves nothing behind; keys are ours.
        below,         ///< From the cursor down; what was drawn last stays. Keys are not read.
    };

    /// `fd` is the terminal that is drawn on.
    static bool is_possible(int fd);

    LiveScreen(int fd, Place place);
    LiveScreen(const LiveScreen&) = delete;
    LiveScreen& operator=(const LiveScreen&) = delete;
    ~LiveScreen();

    /// Replaces what is drawn by `text`, in one write and without clearing first, so that nothing
    /// flickers. What does not fit below the first lines is left out.
    void draw(std::string_view text);

    /// Sleeps until `bell` tells a change, the terminal has another size, a key is hit or `longest`
    /// has passed; a moment at least, so that a storm of changes draws twenty times a second and
    /// not more. False: the user has hit q.
    bool sleep_on(ChangeWatch& bell, milliseconds longest);

  private:
    bool poll_once(int bell, milliseconds longest);
    bool read_keys() const;

    int fd_;
    Place place_;
    std::size_t lines_ = 0;  ///< Drawn below the place where drawing began.
    bool reads_keys_ = false;
};

}  // namespace atlasjob::cli
