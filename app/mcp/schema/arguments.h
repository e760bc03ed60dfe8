#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atlasjob::mcp {

/// Any JSON value, as text.
struct JsonText {
    std::string text;
};

/// An argument that is a string, an array of strings or an object of strings.
struct TextsOrPairs {
    std::vector<std::string> texts;  ///< The string, or the elements of the array.
    std::map<std::string, std::string> pairs;
};

/// A text as messages about arguments show it: a JSON string.
std::string quoted_json(std::string_view text);

/// Reads the arguments of a call into the members of a struct: the argument `name` if it was given,
/// else the member keeps its value. A null argument counts as not given, except as JsonText.
/// Numbers may be written in any form: 5.0 is an integer. The arguments must match the input
/// schema; a type that the schema should have refused throws json::type_error.
class ArgumentReader {
  public:
    /// `arguments` is an object and must outlive it.
    explicit ArgumentReader(const nlohmann::json& arguments) : arguments_(arguments) {}

    template <class T>
    void operator()(const char* name, T& member) const {
        if (const nlohmann::json* const given = find(name)) assign(*given, member);
    }
    void operator()(const char* name, std::optional<JsonText>& member) const;

  private:
    /// nullptr if it is missing or null.
    const nlohmann::json* find(const char* name) const;

    static void assign(const nlohmann::json& given, std::string& member);
    static void assign(const nlohmann::json& given, bool& member);
    static void assign(const nlohmann::json& given, int& member);
    static void assign(const nlohmann::json& given, std::int64_t& member);
    static void assign(const nlohmann::json& given, std::size_t& member);
    static void assign(const nlohmann::json& given, double& member);
    static void assign(const nlohmann::json& given, std::vector<std::string>& member);
    static void assign(const nlohmann::json& given, std::map<std::string, std::string>& member);
    static void assign(const nlohmann::json& given, TextsOrPairs& member);
    template <class T>
    static void assign(const nlohmann::json& given, std::optional<T>& member) {
        assign(given, member.emplace());
    }

    const nlohmann::json& arguments_;
};

/// Collects the names of arguments.
class ArgumentNames {
  public:
    template <class T>
    void operator()(const char* name, const T& /*member*/) {
        names_.emplace_back(name);
    }
    std::vector<std::string_view> take() { return std::move(names_); }

  private:
    std::vector<std::string_view> names_;
};

}  // namespace atlasjob::mcp
