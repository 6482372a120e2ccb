#include "sync/wire/server/handler.hpp"

#include <algorithm>

namespace rootlet::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view RequestHead::field(std::string_view name) const {
  const auto found = std::ranges::find_if(
      fields, [&](const Field& field) { return equal_ignoring_case(field.name, name); });
  return found == fields.end() ? std::string_view{} : found->value;
}

}  // namespace rootlet::http
