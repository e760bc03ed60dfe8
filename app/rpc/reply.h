#pragma once

#include "base/error.h"
#include "rpc/wire.h"

#include <string_view>
#include <utility>

namespace atlasjob::rpc {

/// The error codes of JSON-RPC 2.0.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;

/// The text of the value of `key` in `object`, unchanged; the last one if the key occurs more than
/// once, empty if it does not (a key spelled with escapes is not found). `object` must be a
/// well-formed JSON object; the result points into it.
std::string_view raw_member(std::string_view object, std::string_view key);

class Output;

/// Answers one request exactly once. May be moved away and used later from the loop's thread, while
/// its Output lives. Destroyed unanswered, it sends an internal error.
class Reply {
  public:
    Reply(Output& output, std::string id_json) : output_(&output), id_json_(std::move(id_json)) {}
    Reply(Reply&& other) noexcept;
    Reply& operator=(Reply&&) = delete;
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;
    ~Reply();

    /// The request's id, exactly as it was sent.
    const std::string& id_json() const noexcept { return id_json_; }
    /// Whether the request has not been answered yet.
    bool pending() const noexcept { return output_ != nullptr; }

    /// Answers with `result_json`, spliced in unchanged. result and error throw Error(internal) if
    /// the request has already been answered.
    void result(std::string_view result_json);
    void error(const Failure& failure);
    /// Answers with the code and the text of an Error.
    void error(const Error& failure);
    /// Gives up answering: the client no longer wants an answer.
    void abandon() noexcept { output_ = nullptr; }

  private:
    Output& take_output();

    Output* output_;  ///< Null once answered or moved from.
    std::string id_json_;
};

}  // namespace atlasjob::rpc
