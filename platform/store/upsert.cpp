// The text of a statement, which engines prepare once.
#include "platform/store/store.hpp"

namespace rootlet::platform {
namespace {

// Calls `visit` with each name of a list with commas.
template <typename Visit>
void for_each_name(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    visit(name);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

std::string assignments(std::string_view columns) {
  std::string out;
  for_each_name(columns, [&](std::string_view name) {
    out.append(out.empty() ? "" : ", ").append(name).append("=excluded.").append(name);
  });
  return out;
}

}  // namespace

std::string upsert(std::string_view table, std::string_view keys, std::string_view others) {
  std::string marks;
  const auto mark = [&](std::string_view) { marks += marks.empty() ? "?" : ",?"; };
  for_each_name(keys, mark);
  for_each_name(others, mark);
  const std::string columns =
      std::string(keys) + (others.empty() ? "" : ", ") + std::string(others);
  const std::string action = others.empty() ? "NOTHING" : "UPDATE SET " + assignments(others);
  return "INSERT INTO " + std::string(table) + "(" + columns + ") VALUES(" + marks +
         ") ON CONFLICT(" + std::string(keys) + ") DO " + action;
}

}  // namespace rootlet::platform
