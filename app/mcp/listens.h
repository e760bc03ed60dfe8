#pragma once

#include "mcp/followed.h"
#include "mcp/service.h"

#include <list>
#include <memory>

namespace atlasjob::mcp {

/// The requests subscriptions/listen that are open: each hears of the resources, the list and the
/// tasks it named until its client or the server ends it. One thread.
class Listens {
  public:
    /// Everything given must outlive it.
    Listens(Service& service, LedgerWatch& watch, rpc::Output& output);
    ~Listens();
    Listens(const Listens&) = delete;
    Listens& operator=(const Listens&) = delete;

    /// Acknowledges what it will tell: what is unknown or not the principal's to see is left out.
    /// Throws Error for params of another form, and when the ledger cannot be read.
    void open(const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect);
    /// Ends the one of that id, without an answer.
    void abandon(const nlohmann::json& request_id);
    /// Answers all: the server ends them.
    void end_all();

  private:
    class One;

    Service& service_;
    LedgerWatch& watch_;
    rpc::Output& output_;
    std::list<std::unique_ptr<One>> all_;
};

}  // namespace atlasjob::mcp
