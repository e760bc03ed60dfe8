#include "cli/cli.h"

int main(int argc, char** argv) {
    return atlasjob::cli::run(argc, argv);
}
