#pragma once

#include <sys/types.h>

#include <string>

namespace atlasjob {

/// Whether a path still means the file that it meant when this was made.
class SameFile {
  public:
    explicit SameFile(std::string path);

    /// False, too, when there was no file when this was made.
    bool is_there() const;
    /// Whether the path means another file now.
    bool is_replaced() const;
    /// "<device>:<inode>", empty where there was no file.
    std::string text() const;

  private:
    struct Number {
        dev_t device = 0;
        ino_t inode = 0;

        friend bool operator==(const Number&, const Number&) = default;
    };

    Number number_now() const;

    std::string path_;
    Number number_;
};

}  // namespace atlasjob
