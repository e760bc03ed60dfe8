#pragma once

namespace atlasjob::test {

/// How long a test waits for what must happen. Generous for a loaded machine and a sanitizer: only
/// reached if something is broken.
inline constexpr int kTimeoutMs = 120'000;

}  // namespace atlasjob::test
