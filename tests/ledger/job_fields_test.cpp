#include "ledger/job_fields.h"

#include "ledger/record.h"
#include "support/full_records.h"

#include <catch2/catch.hpp>

#include <set>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

using Addresses = std::vector<const void*>;

template <class... Members>
Addresses addresses(const Members&... members) {
    return {static_cast<const void*>(&members)...};
}

/// The addresses of all members of a job, in order. Does not compile when Job gets or loses a
/// member: change its names here, and then the table.
Addresses members_of(const Job& job) {
    const auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36, m37, m38, m39, m40, m41, m42, m43, m44, m45, m46, m47, m48, m49, m50, m51, m52] =
        job;
    return addresses(
        m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20,
        m21, m22, m23, m24, m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36, m37, m38,
        m39, m40, m41, m42, m43, m44, m45, m46, m47, m48, m49, m50, m51, m52);
}

Addresses members_of(const Usage& usage) {
    const auto& [cpu, max_rss, read, written, oom_kills] = usage;
    return addresses(cpu, max_rss, read, written, oom_kills);
}

/// The addresses of the members that the rows of a table name, in the order of the members.
template <class Rows, class Record>
Addresses members_with_row(const Rows& rows, const Record& record) {
    Addresses found;
    visit_members(rows, record, [&](const FieldInfo& /*field*/, const auto& member) {
        found.push_back(&member);
    });
    std::ranges::sort(found);
    return found;
}

template <class Infos, class Text>
void check_unique(const Infos& infos, Text text) {
    std::set<std::string_view> seen;
    for (const FieldInfo& field : infos) {
        CAPTURE(field.name);
        const std::string_view value = std::invoke(text, field);
        if (!value.empty()) CHECK(seen.insert(value).second);
    }
}

}  // namespace

TEST_CASE("every member of a job has exactly one row in the table of fields") {
    const Job job{JobId::parse("01a20320-a2fb-7a02-b2c2-1d3e4f506071").value()};
    CHECK(members_with_row(kJobFields, job) == members_of(job));
    const Usage usage;
    CHECK(members_with_row(kUsageFields, usage) == members_of(usage));
}

TEST_CASE("no two fields of a job share a name or a column") {
    check_unique(kJobFieldInfos, &FieldInfo::name);
    check_unique(kJobFieldInfos, &FieldInfo::column);
    check_unique(kUsageFieldInfos, &FieldInfo::name);
    check_unique(kUsageFieldInfos, &FieldInfo::column);
}

TEST_CASE("a field is found by its name unless it is internal") {
    REQUIRE(find_shown_field("timeout_ms") != nullptr);
    CHECK(find_shown_field("timeout_ms")->type == FieldType::duration);
    CHECK(find_shown_field("target")->type == FieldType::json);
    CHECK(find_shown_field("stale")->use == FieldUse::shown);
    for (const char* internal : {"retain_ms", "held", "lease_until", "account_uid", "", "jobid"})
        CHECK(find_shown_field(internal) == nullptr);
}

TEST_CASE("the sample records of the tests give a value to every field that is imported") {
    std::set<std::string_view> given;
    for (const JobRecord& record : full_records())
        given.merge(fields_given(record));
    for (const FieldInfo& field : kJobFieldInfos) {
        CAPTURE(field.name);
        CHECK(given.contains(field.name) == field.is_imported());
    }
}
