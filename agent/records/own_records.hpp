// Records of this office in a search, beside the data: those that the platform has not accepted
// yet, and that no dataset can have therefore.
#pragma once

#include "agent/office/office.hpp"
#include "core/format/json_fwd.hpp"
#include "core/search/search_query.hpp"

namespace rootlet::agent {

// {"records": [{"id", "kind", "form", "state", "at", "words", "fields"}], "more"}. `words` says
// that the record is not accepted yet; `fields` has the fields that match, each with its text and
// where the match is. The newest first. `more`: there are older records that were not looked at or
// shown.
Result<json::object> find_own_records(Outbox& outbox, const SearchQuery& query);

}  // namespace rootlet::agent
