#include "rpc/reply.h"

#include "base/json_text.h"
#include "base/text.h"
#include "rpc/output.h"

namespace atlasjob::rpc {

std::string_view raw_member(std::string_view object, std::string_view key) {
    std::string_view found;
    std::size_t at = object.find('{') + 1;
    while ((at = object.find('"', at)) != std::string_view::npos) {
        const std::size_t name_length = json_string_length(object.substr(at));
        const std::string_view name = object.substr(at + 1, name_length - 2);
        const std::size_t value_at = object.find(':', at + name_length) + 1;
        const std::size_t length = json_value_length(object.substr(value_at));
        if (name == key) found = trim(object.substr(value_at, length));
        at = value_at + length;
    }
    return found;
}

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
