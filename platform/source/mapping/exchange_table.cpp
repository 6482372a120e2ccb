// Rows are named by their ids, because a row with a smaller id may be committed later.
#include "platform/source/mapping/exchange_table.hpp"

#include <algorithm>
#include <charconv>

namespace rootlet::platform {
namespace {

constexpr std::size_t kIdsInStatement = 500;  // Oracle allows 1,000 in a list

}  // namespace

std::string exchange_rows_query(const std::string& table) {
  return "SELECT * FROM " + table + " WHERE exchange_state = '0' ORDER BY exchange_id";
}

std::string exchange_ids_query(const std::string& table) {
  return "SELECT exchange_id FROM " + table + " WHERE exchange_state = '0'";
}

std::optional<std::int64_t> parse_exchange_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failed != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return id;
}

std::vector<std::string> exchange_marks(const std::string& table,
                                        const std::vector<std::int64_t>& ids) {
  std::vector<std::string> statements;
  for (std::size_t at = 0; at < ids.size(); at += kIdsInStatement) {
    std::string list;
    for (std::size_t i = at; i < std::min(at + kIdsInStatement, ids.size()); ++i) {
      list += (i == at ? "" : ",") + std::to_string(ids[i]);
    }
    statements.push_back(
        "UPDATE " + table +
        " SET exchange_state = '1' WHERE exchange_state = '0' AND exchange_id IN (" + list + ")");
  }
  return statements;
}

SourceMapping exchange_mapping(SourceMapping mapping) {
  mapping.change_heading = "exchange_op";
  mapping.change_codes = {{"I", "insert"}, {"U", "update"}, {"D", "delete"},
                          {"i", "insert"}, {"u", "update"}, {"d", "delete"}};
  mapping.ignores_others = true;
  return mapping;
}

}  // namespace rootlet::platform
