#pragma once

#include "base/error.h"
#include "support/forwarding_store.h"

#include <unistd.h>

#include <csignal>
#include <utility>

namespace atlasjob::test {

/// A real store that goes wrong once, in a way that costs a slot its claim unless it takes care.
class FaultyStore final : public ForwardingStore {
  public:
    /// `fault` is one of:
    ///   forgotten-claim   a claim is committed and not told
    ///   old-claim         a claim is told ten minutes after it was committed
    ///   unclear-finish    a finish that claims is committed, its outcome unknown, and TERM comes
    ///   stubborn-release  a finish that claims brings TERM; the next three releases fail
    ///   broken-finish     a finish that claims is committed, and then the ledger cannot be used
    FaultyStore(std::unique_ptr<Store> real, std::string fault)
        : ForwardingStore(std::move(real)), fault_(std::move(fault)) {}

    std::optional<Claim> claim(const ClaimRequest& request, Time now) override {
        if (fault_ == "old-claim") return old_claim(request, now);
        auto claim = real_->claim(request, now);
        if (claim && comes("forgotten-claim")) return {};
        return claim;
    }
    FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt,
        const Outcome& outcome,
        const ClaimRequest& request,
        Time now) override {
        auto both = real_->finish_and_claim(attempt, outcome, request, now);
        if (!both.claim) return both;
        if (comes("broken-finish")) throw Error(ErrorCode::newer_ledger, "it is too new");
        if (comes("stubborn-release")) {
            failing_releases_ = 3;
            ::kill(::getpid(), SIGTERM);
        }
        if (comes("unclear-finish")) {
            ::kill(::getpid(), SIGTERM);
            throw Error(ErrorCode::outcome_unknown, "the disk is gone");
        }
        return both;
    }
    bool release(const AttemptKey& attempt, const std::string& actor, Time now) override {
        if (failing_releases_-- > 0) throw Error(ErrorCode::unavailable, "the disk is gone");
        return real_->release(attempt, actor, now);
    }

  private:
    std::optional<Claim> old_claim(const ClaimRequest& request, Time now) {
        auto claim = real_->claim(request, now - std::chrono::minutes{10});
        if (claim) fault_.clear();
        return claim;
    }
    bool comes(std::string_view fault) {
        if (fault_ != fault) return false;
        fault_.clear();
        return true;
    }

    std::string fault_;
    int failing_releases_ = 0;
};

}  // namespace atlasjob::test
