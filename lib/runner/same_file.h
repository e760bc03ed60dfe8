#pragma once

#include <sys/types.h>

#include <string>

namespace atlasjob {

/// Whether a path still means the file that it meant when this was made. A ledger that was removed
/// or replaced is nobody's any more: going on would make a new one.
class SameFile {
  public:
    explicit SameFile(std::string path);

    bool is_there() const;

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
