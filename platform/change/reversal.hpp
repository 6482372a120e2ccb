// The changes that take a stream's rows back to those of a past version, under the row numbers that
// they had then. Pure: no file, no clock.
#pragma once

#include <functional>

#include "platform/change/difference.hpp"
#include "platform/change/net_change.hpp"

namespace rootlet::platform {

// The key of a row, from its image.
using KeyOfRow = std::function<Result<std::string>(std::string_view image)>;

// `past`: the rows that differed at the past version, as StreamHistory::rows_at() returns them. The
// result owns its images; its inserts and updates have no fingerprint, so the next file's rows are
// read and compared.
Result<Difference> find_reversal(const HeldRows& held, const PastRows& past,
                                 const KeyOfRow& key_of);

}  // namespace rootlet::platform
