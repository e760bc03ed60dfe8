#pragma once

#include <string_view>

namespace atlasjob::rpc {

/// The text of the value of `key` in `object`, just as it stands there, of the last one when the
/// key comes more than once; empty when there is none (a key spelled with escapes is not found).
/// `object` must be a well-formed JSON object; the view points into it.
std::string_view raw_member(std::string_view object, std::string_view key);

}  // namespace atlasjob::rpc
