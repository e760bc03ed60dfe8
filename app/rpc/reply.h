#pragma once

#include "base/error.h"
#include "rpc/wire.h"

#include <string_view>
#include <utility>

namespace atlasjob::rpc {

/// The text of the value of `key` in `object`, just as it stands there, of the last one when the
/// key comes more than once; empty when there is none (a key spelled with escapes is not found).
/// `object` must be a well-formed JSON object; the view points into it.
std::string_view raw_member(std::string_view object, std::string_view key);

class Output;

/// The one answer to one request. May be moved away and used later from the loop's thread, as long
/// as its Output lives. Destroyed unanswered, it answers with an internal error.
class Reply {
  public:
    Reply(Output& output, std::string id_json) : output_(&output), id_json_(std::move(id_json)) {}
    Reply(Reply&& other) noexcept;
    Reply& operator=(Reply&&) = delete;
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;
    ~Reply();

    /// The request's id, as it was sent.
    const std::string& id_json() const noexcept { return id_json_; }
    /// Whether the answer is still owed.
    bool pending() const noexcept { return output_ != nullptr; }

    /// Answers. `result_json` is spliced in as it is. Throws Error(internal) the second time.
    void result(std::string_view result_json);
    void error(const Failure& failure);
    /// With the code and the text of an Error.
    void error(const Error& failure);
    /// Sends nothing, ever: the client no longer wants an answer.
    void abandon() noexcept { output_ = nullptr; }

  private:
    Output& take_output();

    Output* output_;  ///< Null once answered or moved from.
    std::string id_json_;
};

}  // namespace atlasjob::rpc
