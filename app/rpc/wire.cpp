#include "rpc/wire.h"

#include "base/json_text.h"

#include <fmt/format.h>

#include <iterator>

namespace atlasjob::rpc {

namespace {

constexpr std::string_view kOpening = R"({"jsonrpc":"2.0")";

}  // namespace

std::string result_line(std::string_view id_json, std::string_view result_json) {
    std::string line;
    line.reserve(kOpening.size() + id_json.size() + result_json.size() + 24);
    line += kOpening;
    line += R"(,"id":)";
    line += id_json;
    line += R"(,"result":)";
    line += result_json;
    line += "}\n";
    return line;
}

std::string notification_line(std::string_view method, std::string_view params_json) {
    std::string line{kOpening};
    line += R"(,"method":)";
    append_json_string(line, method);
    line += R"(,"params":)";
    line += params_json;
    line += "}\n";
    return line;
}

std::string error_line(std::string_view id_json, const Failure& failure) {
    std::string line{kOpening};
    if (!id_json.empty()) {
        line += R"(,"id":)";
        line += id_json;
    }
    fmt::format_to(std::back_inserter(line), R"(,"error":{{"code":{},"message":)", failure.code);
    append_json_string(line, failure.message);
    if (!failure.data_json.empty()) {
        line += R"(,"data":)";
        line += failure.data_json;
    }
    line += "}}\n";
    return line;
}

}  // namespace atlasjob::rpc
