#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace atlasjob::test {

/// What another account may have put at the path of an atlasjob file.
enum class Plant {
    link_to_file,
    link_to_nothing,
    hard_link,
    fifo,
    directory,
    foreign_file,  ///< A regular file of another account; only root can create one.
};

/// All of those that this account can create.
std::vector<Plant> plants();
std::string name_of(Plant plant);

/// An account that nothing on this machine runs as.
inline constexpr uid_t kStranger = 12345;

/// Something planted at a path, replacing whatever was there. The target of a link is in a separate
/// directory.
class Planted {
  public:
    /// `targets` is an existing directory for link targets. `owner` is the account that owns the
    /// planted file (if root runs the test); link targets belong to the account of the test.
    Planted(Plant plant, std::string path, const std::string& targets, uid_t owner);

    /// Whether the planted file and its target still have the same content, owner and mode, and a
    /// missing target was not created.
    bool untouched() const;

  private:
    std::string state() const;

    std::string path_;
    std::string target_;
    std::string before_;
};

}  // namespace atlasjob::test
