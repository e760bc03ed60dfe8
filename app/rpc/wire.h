#pragma once

#include <string>
#include <string_view>

/// Messages in their wire format: one line of JSON including its newline. Arguments named
/// `…_json` are spliced in unchanged and must be JSON without raw newlines.
namespace atlasjob::rpc {

std::string result_line(std::string_view id_json, std::string_view result_json);

/// `params_json` is an object.
std::string notification_line(std::string_view method, std::string_view params_json);

/// The error object of a response.
struct Failure {
    int code = 0;
    std::string_view message;
    std::string_view data_json = {};  ///< Empty for none.
};

/// An empty `id_json` means that the request's id is unknown: the message has none.
std::string error_line(std::string_view id_json, const Failure& failure);

}  // namespace atlasjob::rpc
