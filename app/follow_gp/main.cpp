#include "cli/program.h"
#include "follow_gp/command.h"

int main(int argc, char** argv) {
    return atlasjob::cli::run_alone(atlasjob::follow_gp::kFollowGp, argc, argv);
}
