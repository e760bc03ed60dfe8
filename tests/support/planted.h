#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace atlasjob::test {

/// What somebody else may have put where a file of ours belongs.
enum class Plant {
    link_to_file,
    link_to_nothing,
    hard_link,
    fifo,
    directory,
    foreign_file,  ///< A regular file of another account: only root can make one.
};

/// All of those that this account can make.
std::vector<Plant> plants();
std::string name_of(Plant plant);

/// No account of this machine that anything runs as.
inline constexpr uid_t kStranger = 12345;

/// Something planted at a path, in the place of whatever was there. What it leads to stands in a
/// directory of its own.
class Planted {
  public:
    /// `targets` is an existing directory. `owner` is the account that has planted it (when root
    /// runs the test); what links lead to stays the tester's.
    Planted(Plant plant, std::string path, const std::string& targets, uid_t owner);

    /// Whether it is still there, and it and what it leads to are as they were: not written, not
    /// created, not given away, no other mode.
    bool untouched() const;

  private:
    std::string look() const;

    std::string path_;
    std::string target_;
    std::string before_;
};

}  // namespace atlasjob::test
