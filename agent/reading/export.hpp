// What makes a read an export, what an export needs, and the mark that it carries.
#pragma once

#include "agent/reading/ledgered_rows.hpp"
#include "agent/reading/row_query.hpp"

namespace rootlet::agent {

// True if the read that selects rows by `conditions` is an export: values without masks, or more
// rows than limits::kScreenRows. Counts no further than that.
Result<bool> is_export(Database& database, const VisibleRows& rows,
                       std::span<const Condition> conditions, const ReadRequest& request);

// kNotPermitted, with what to do, unless the grant allows exports and today's are not used up.
Status check_export(const Grant& grant, const ReadRequest& request, const Use& use,
                    UseRecorder& recorder);

// Who exported what, when and for what, with the number of the ledger entry: the head's "export".
// Its "line", in both languages, goes with the rows wherever they go.
json::object watermark(const Office& office, const Use& use, std::int64_t entry);

}  // namespace rootlet::agent
