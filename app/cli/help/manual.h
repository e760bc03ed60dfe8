#pragma once

#include <string>

namespace atlasjob::cli {

/// atlasjob(1) and atlasjob-config(5) as roff (man macros), generated from the same declarations as
/// help and from the prose in manual.cpp.
std::string program_manual();
std::string config_manual();

/// The table of settings for docs/configuration.md.
std::string settings_markdown();

}  // namespace atlasjob::cli
