#include "rpc/reply.h"

#include "rpc/codes.h"
#include "rpc/output.h"

namespace atlasjob::rpc {

Reply::Reply(Reply&& other) noexcept
    : output_(std::exchange(other.output_, nullptr)), id_json_(std::move(other.id_json_)) {}

Reply::~Reply() {
    if (pending()) error({kInternalError, "internal error: the request was dropped unanswered"});
}

void Reply::result(std::string_view result_json) {
    take_output().send(result_line(id_json_, result_json));
}

void Reply::error(const Failure& failure) {
    take_output().send(error_line(id_json_, failure));
}

void Reply::error(const Error& failure) {
    error(Failure{error_row(failure.code()).json_rpc_code, failure.what()});
}

Output& Reply::take_output() {
    if (!pending()) throw Error(ErrorCode::internal, "a request was answered twice");
    return *std::exchange(output_, nullptr);
}

}  // namespace atlasjob::rpc
