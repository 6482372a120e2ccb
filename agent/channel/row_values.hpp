// The rows of an answer by the names of their columns. Pure.
#pragma once

#include "core/format/json_values.hpp"

namespace rootlet::agent {

// Of the "columns" of a head.
std::vector<std::string> column_names(const json::object& head);
// The cells of one row under `names`.
json::object row_object(const std::vector<std::string>& names, const json::value& row);

}  // namespace rootlet::agent
