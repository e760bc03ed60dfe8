#pragma once

#include <string>
#include <string_view>

/// Messages as they stand on the wire: one line of JSON with its newline. Arguments called `…_json`
/// are spliced in as they are and must be JSON without raw newlines.
namespace atlasjob::rpc {

std::string result_line(std::string_view id_json, std::string_view result_json);

/// `params_json` is an object.
std::string notification_line(std::string_view method, std::string_view params_json);

/// What went wrong with a request.
struct Failure {
    int code = 0;
    std::string_view message;
    std::string_view data_json = {};  ///< Empty: none.
};

/// `id_json` empty: the request's id is not known, and the message has none.
std::string error_line(std::string_view id_json, const Failure& failure);

}  // namespace atlasjob::rpc
