#pragma once

#include "ledger/job.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// One value of a record's line, and the key it stands under. Each reading throws invalid_argument
/// that names the key when the value is of another kind.
class RecordValue {
  public:
    RecordValue(std::string_view key, std::string_view json) : key_(key), json_(json) {}

    const std::string& key() const { return key_; }
    /// The value as it stands there: compact JSON.
    std::string_view json() const { return json_; }
    bool is_null() const { return json_ == "null"; }

    std::string text() const;
    /// The bytes that a text in base64 stands for.
    std::string bytes() const;
    std::int64_t integer() const;
    int number(int least, int most) const;
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
