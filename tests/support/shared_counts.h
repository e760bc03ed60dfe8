#pragma once

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <new>
#include <stdexcept>

namespace atlasjob::test {

/// Counters shared with all children that are forked after construction.
template <std::size_t N>
class SharedCounts {
  public:
    SharedCounts() {
        void* memory = ::mmap(
            nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::runtime_error("mmap failed");
        counts_ = new (memory) Counts{};
    }
    SharedCounts(const SharedCounts&) = delete;
    SharedCounts& operator=(const SharedCounts&) = delete;
    ~SharedCounts() { ::munmap(counts_, sizeof(Counts)); }

    std::atomic<std::int64_t>& operator[](std::size_t index) { return counts_->at(index); }
    std::int64_t sum() const {
        std::int64_t total = 0;
        for (const auto& count : *counts_)
            total += count;
        return total;
    }

  private:
    using Counts = std::array<std::atomic<std::int64_t>, N>;

    Counts* counts_;
};

}  // namespace atlasjob::test
