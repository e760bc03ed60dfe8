#pragma once

#include <string>

namespace atlasjob::cli {

class Arguments;
struct CommandRow;

/// What `atlasjob --help` says.
std::string program_help(const Arguments& globals);
/// What `atlasjob COMMAND --help` says.
std::string command_help(const CommandRow& row, const Arguments& arguments);

}  // namespace atlasjob::cli
