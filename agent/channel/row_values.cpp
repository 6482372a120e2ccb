#include "agent/channel/row_values.hpp"

namespace rootlet::agent {

std::vector<std::string> column_names(const json::object& head) {
  std::vector<std::string> out;
  for (const json::value& column : array_at(head, "columns")) {
    out.push_back(text_at(column.get_object(), "name"));
  }
  return out;
}

json::object row_object(const std::vector<std::string>& names, const json::value& row) {
  json::object out;
  const json::array& cells = row.get_array();
  for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) out[names[i]] = cells[i];
  return out;
}

}  // namespace rootlet::agent
