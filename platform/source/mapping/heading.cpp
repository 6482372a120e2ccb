// Three ways to match, the strictest first; a way that fits several columns decides nothing.
#include "platform/source/mapping/heading.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "core/unicode/utf8.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kNamedCharacters = 4;

bool is_blank(std::uint32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_invisible(std::uint32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

std::uint32_t folded(std::uint32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;  // full width
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

// Not what a heading of Latin letters or Chinese characters is made of.
bool is_unusual(std::uint32_t c) {
  const bool is_plain = c > 0x20 && c < 0x7F;
  const bool is_chinese = (c >= 0x3001 && c <= 0x303F) || (c >= 0x3400 && c <= 0x9FFF) ||
                          (c >= 0x20000 && c <= 0x3FFFD);
  return !is_plain && !is_chinese && c != ' ';
}

// "; its characters 5 and 7 are U+00A0 and U+200B", or nothing.
std::string unusual_characters(std::string_view heading) {
  std::string names;
  std::size_t number = 0, named = 0;
  for (std::size_t at = 0; at < heading.size() && named < kNamedCharacters;) {
    const CodePoint point = code_point_at(heading, at);
    at += std::max<std::size_t>(point.bytes, 1);
    ++number;
    if (!is_unusual(point.value)) continue;
    ++named;
    names += (named > 1 ? ", " : "") + code_point_name(point.value) + " at character " +
             std::to_string(number);
  }
  return names.empty() ? "" : "; the heading holds " + names;
}

using Fits = std::function<bool(const DatasetColumn&)>;

std::vector<std::size_t> columns_that(const DatasetDefinition& definition, const Fits& fits) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < definition.columns.size(); ++i) {
    if (fits(definition.columns[i])) out.push_back(i);
  }
  return out;
}

Error ambiguous(const DatasetDefinition& definition, const std::vector<std::size_t>& found) {
  std::string names;
  for (const std::size_t i : found) {
    names += (names.empty() ? "" : ", ") + definition.columns[i].spec.name;
  }
  return bad_input("the heading fits several columns: " + names, "heading",
                   {.en = "Use the columns' names as headings.", .zh = "请用列名作表头。"});
}

}  // namespace

std::string folded_heading(std::string_view heading) {
  std::string out;
  bool is_after_blank = false;
  for (std::size_t at = 0; at < heading.size();) {
    const CodePoint point = code_point_at(heading, at);
    at += std::max<std::size_t>(point.bytes, 1);
    if (is_invisible(point.value)) continue;
    if (is_blank(point.value)) {
      is_after_blank = !out.empty();
      continue;
    }
    if (is_after_blank) out.push_back(' ');
    is_after_blank = false;
    append_utf8(out, folded(point.value));
  }
  return out;
}

Result<std::size_t> column_of_heading(const DatasetDefinition& definition,
                                      std::string_view heading) {
  const std::string plain = folded_heading(heading);
  if (plain.empty()) return bad_input("the heading is empty", "heading");
  const Fits ways[] = {[&](const DatasetColumn& column) { return column.spec.name == heading; },
                       [&](const DatasetColumn& column) {
                         return column.title.zh == heading || column.title.en == heading;
                       },
                       [&](const DatasetColumn& column) {
                         return folded_heading(column.spec.name) == plain ||
                                folded_heading(column.title.zh) == plain ||
                                folded_heading(column.title.en) == plain;
                       }};
  for (const Fits& fits : ways) {
    const std::vector<std::size_t> found = columns_that(definition, fits);
    if (found.size() == 1) return found.front();
    if (found.size() > 1) return ambiguous(definition, found);
  }
  return bad_input("dataset " + definition.id + " has no such column" + unusual_characters(heading),
                   "heading");
}

}  // namespace rootlet::platform
