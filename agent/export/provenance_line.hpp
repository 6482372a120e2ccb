// Where rows come from, in one line for people.
#pragma once

#include "core/format/json_fwd.hpp"
#include "core/text.hpp"

namespace rootlet::agent {

// "Villages · Civil affairs · version 3 · as of … · lease until …", with local times. "" for SQL
// that reads no table.
std::string provenance_line(const json::object& provenance, Language language);

}  // namespace rootlet::agent
