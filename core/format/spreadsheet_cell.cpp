#include "core/format/spreadsheet_cell.hpp"

namespace rootlet {

bool looks_like_formula(std::string_view text) {
  if (text.empty()) return false;
  if (text[0] == '=' || text[0] == '@' || text[0] == '\t' || text[0] == '\r') return true;
  const bool has_sign = text[0] == '+' || text[0] == '-';
  return has_sign && text.find_first_not_of("0123456789.", 1) != std::string_view::npos;
}

bool needs_guard(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\'');
  return first != std::string_view::npos && looks_like_formula(text.substr(first));
}

std::string_view guarded_cell(std::string_view text, std::string& scratch) {
  if (!needs_guard(text)) return text;
  scratch.assign(1, '\'');
  scratch.append(text);
  return scratch;
}

std::string_view unguarded_cell(std::string_view text) {
  const bool is_guarded = text.starts_with('\'') && needs_guard(text);
  return is_guarded ? text.substr(1) : text;
}

}  // namespace rootlet
