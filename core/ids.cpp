// The rules of names that become file, table and column names, and of division codes.
#include "core/ids.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace rootlet {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}

Error name_error(std::string_view text, std::string_view field, std::string_view rule) {
  return bad_input(
      std::string(field) + ": \"" + std::string(text.substr(0, 80)) + "\" " + std::string(rule),
      std::string(field));
}

}  // namespace

Result<StreamName> StreamName::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos)
    return name_error(text, "stream", "is not DATASET/PARTITION");
  StreamName name{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
  ROOTLET_TRY(check_identifier(name.dataset, "stream"));
  ROOTLET_TRY(check_division(name.partition, "stream"));
  return name;
}

Status check_identifier(std::string_view text, std::string_view field) {
  const bool fits = !text.empty() && text.size() <= limits::kNameBytes && is_lower(text[0]) &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return is_lower(c) || is_digit(c) || c == '-' || c == '_';
                    });
  if (!fits) {
    return name_error(text, field,
                      "is not a name of a-z, 0-9, - and _, a letter first, at most 64 long");
  }
  return ok();
}

Status check_column_name(std::string_view text, std::string_view field) {
  const bool fits = !text.empty() && text.size() <= limits::kNameBytes && is_letter(text[0]) &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
  if (!fits) {
    return name_error(text, field,
                      "is not a column name of letters, digits and _, a letter first, at most 64 "
                      "long");
  }
  return ok();
}

Status check_division(std::string_view text, std::string_view field) {
  if (text == "all") return ok();
  const std::size_t n = text.size();
  const bool level = n == 2 || n == 4 || n == 6 || n == 9 || n == 12;
  if (!level || !std::all_of(text.begin(), text.end(), is_digit)) {
    return name_error(text, field, "is not a division code: \"all\", or 2, 4, 6, 9 or 12 digits");
  }
  return ok();
}

bool division_covers(std::string_view outer, std::string_view inner) {
  if (outer == "all") return true;
  return inner != "all" && inner.substr(0, outer.size()) == outer;
}

}  // namespace rootlet
