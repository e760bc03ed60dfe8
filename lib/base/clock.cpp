#include "base/clock.h"

namespace atlasjob {

Time SystemClock::now() const {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

}  // namespace atlasjob
