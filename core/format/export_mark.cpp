// The words and their parser side by side, so that they change together.
#include "core/format/export_mark.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "core/format/csv.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kTimeBytes = std::string_view("2026-11-30T09:00:00Z").size();

struct Form {
  std::string_view begin, before_time, after_time, before_entry, end;
};
constexpr Form kForms[] = {
    {"# Exported by ", ", ", ", for ", "; ledger entry ", ""},
    {"# 由", " 于 ", " 导出，用途 ", "，台账第 ", " 条"},
};

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '"' || c == '\n' || c == '\r'; }, '\'');
  return text;
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A time between its two neighbours, somewhere in `text`.
bool has_time(std::string_view text, const Form& form) {
  for (std::size_t at = text.find(form.after_time); at != std::string_view::npos;
       at = text.find(form.after_time, at + 1)) {
    const std::size_t before = kTimeBytes + form.before_time.size();
    if (at >= before && text.substr(at - before).starts_with(form.before_time) &&
        parse_time(text.substr(at - kTimeBytes, kTimeBytes)).has_value()) {
      return true;
    }
  }
  return false;
}

bool has_form(std::string_view line, const Form& form) {
  if (!line.starts_with(form.begin) || !line.ends_with(form.end)) return false;
  line.remove_prefix(form.begin.size());
  line.remove_suffix(form.end.size());
  const std::size_t entry = line.rfind(form.before_entry);
  return entry != std::string_view::npos && has_time(line.substr(0, entry), form) &&
         is_number(line.substr(entry + form.before_entry.size()));
}

}  // namespace

Text export_mark_words(const ExportMark& mark) {
  const std::string number = std::to_string(mark.entry);
  return {.en = one_line("Exported by " + mark.user + ", " + mark.office + ", " + mark.at +
                         ", for " + mark.purpose + "; ledger entry " + number),
          .zh = one_line("由" + mark.office + " " + mark.user + " 于 " + mark.at + " 导出，用途 " +
                         mark.purpose + "，台账第 " + number + " 条")};
}

std::string export_mark_line(std::string_view words) {
  return "# " + std::string(words) + "\n";
}

bool is_export_mark(std::string_view line) {
  while (line.ends_with(',')) line.remove_suffix(1);
  return std::any_of(std::begin(kForms), std::end(kForms),
                     [&](const Form& form) { return has_form(line, form); });
}

bool is_export_mark(const CsvReader& row) {
  if (row.size() == 0 || row.is_first_quoted() || !row.field(0).starts_with("# ")) return false;
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line.push_back(',');
    line += row.field(i);
  }
  return is_export_mark(line);
}

}  // namespace rootlet
