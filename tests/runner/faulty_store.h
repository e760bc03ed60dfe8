#pragma once

#include "base/error.h"
#include "support/forwarding_store.h"

#include <unistd.h>

#include <csignal>
#include <utility>

namespace atlasjob::test {

/// A real store with one injected fault that makes a careless slot lose a claimed job.
class FaultyStore final : public ForwardingStore {
  public:
    /// `fault` is one of:
    ///   lost-claim       a claim is committed but not returned
    ///   old-claim        a claim is returned as if committed ten minutes ago
    ///   unknown-finish   a finish with a claim is committed and throws outcome_unknown after
    ///   SIGTERM failing-release  SIGTERM arrives with a finish that claims, and the next three
    ///   releases fail broken-finish    a finish with a claim is committed and throws newer_ledger
    FaultyStore(std::unique_ptr<Store> real, std::string fault)
        : ForwardingStore(std::move(real)), fault_(std::move(fault)) {}

    std::optional<Claim> claim(const ClaimRequest& request) override {
        if (fault_ == "old-claim") return old_claim(request);
        auto claim = real_->claim(request);
        if (claim && occurs("lost-claim")) return {};
        return claim;
    }
    FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt, const Outcome& outcome, const ClaimRequest& request) override {
        auto both = real_->finish_and_claim(attempt, outcome, request);
        if (!both.claim) return both;
        if (occurs("broken-finish")) throw Error(ErrorCode::newer_ledger, "it is too new");
        if (occurs("failing-release")) {
            failing_releases_ = 3;
            ::kill(::getpid(), SIGTERM);
        }
        if (occurs("unknown-finish")) {
            ::kill(::getpid(), SIGTERM);
            throw Error(ErrorCode::outcome_unknown, "the disk is gone");
        }
        return both;
    }
    bool release(const AttemptKey& attempt, const std::string& actor) override {
        if (failing_releases_-- > 0) throw Error(ErrorCode::unavailable, "the disk is gone");
        return real_->release(attempt, actor);
    }

  private:
    std::optional<Claim> old_claim(const ClaimRequest& request) {
        auto claim = real_->claim(request);
        if (!claim) return claim;
        claim->job.lease_until = *claim->job.lease_until - std::chrono::minutes{10};
        fault_.clear();
        return claim;
    }
    bool occurs(std::string_view fault) {
        if (fault_ != fault) return false;
        fault_.clear();
        return true;
    }

    std::string fault_;
    int failing_releases_ = 0;
};

}  // namespace atlasjob::test
