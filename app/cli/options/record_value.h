#pragma once

#include "ledger/job.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// A value in an import line, with its key. Each accessor throws invalid_argument that names the
/// key if the value has another type.
class RecordValue {
  public:
    RecordValue(std::string_view key, std::string_view json) : key_(key), json_(json) {}

    const std::string& key() const { return key_; }
    /// The value as written: compact JSON.
    std::string_view json() const { return json_; }
    bool is_null() const { return json_ == "null"; }

    std::string text() const;
    /// The decoded bytes of a base64 string.
    std::string bytes() const;
    std::int64_t integer() const;
    int number(int min, int max) const;
    std::uint64_t natural() const;
    double real() const;
    bool flag() const;
    Time time() const;
    milliseconds span() const;
    JobId job_id() const;
    Status status() const;
    Reason reason() const;
    std::vector<RecordValue> members() const;
    std::vector<RecordValue> elements() const;

    [[noreturn]] void refuse(std::string_view what) const;

  private:
    std::string key_;
    std::string_view json_;
};

}  // namespace atlasjob::cli
