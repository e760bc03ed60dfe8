#include "ledger/report.h"

#include <utility>

namespace atlasjob {

namespace {

template <class T>
void replace(std::optional<T>& value, std::optional<T>& newer) {
    if (newer) value = std::move(newer);
}

}  // namespace

void merge_report(Report& report, Report newer) {
    replace(report.progress, newer.progress);
    replace(report.phase, newer.phase);
    replace(report.message, newer.message);
    replace(report.current, newer.current);
    replace(report.total, newer.total);
    replace(report.result, newer.result);
}

}  // namespace atlasjob
