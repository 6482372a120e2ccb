// Counts while rows are read, and compares at the end.
#include "platform/source/control.hpp"

#include <algorithm>

#include "core/format/exact_json.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kTotals = 256;

__extension__ using Wide = __int128;

std::string digits_of(Wide value, std::size_t scale) {
  const bool is_negative = value < 0;
  std::string digits;
  do {
    const int digit = static_cast<int>(value % 10);
    digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  } while (value != 0);
  while (digits.size() <= scale) digits.push_back('0');
  std::ranges::reverse(digits);
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return is_negative ? "-" + digits : digits;
}

// "12.50" and "+12.5" are one number.
std::string plain_number(std::string text) {
  if (text.starts_with('+')) text.erase(0, 1);
  if (text.find('.') == text.npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

bool is_count(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A text, or a number as it was written; nullopt for anything else. Null is "".
std::optional<std::string> value_of(const json::value& value) {
  if (value.is_null()) return std::string();
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  return std::nullopt;
}

Error wrong(const std::string& what, std::string_view name, std::string_view why) {
  const std::string field(name);
  return bad_input(what + ": " + field + " " + std::string(why), field,
                   {.en = "Totals are rows, characters_COLUMN, sum_COLUMN and newest_COLUMN.",
                    .zh = "核对项为 rows、characters_列名、sum_列名、newest_列名。"});
}

}  // namespace

Result<Control> Control::parse(std::string_view text, const DatasetDefinition& dataset,
                               const std::string& what) {
  ROOTLET_TRY(const json::value document, parse_exact_json(text, what));
  if (!document.is_object() || document.get_object().empty() ||
      document.get_object().size() > kTotals) {
    return bad_input(what + ": must be a JSON object of 1 to 256 totals", what);
  }
  Control control(dataset);
  for (const auto& member : document.get_object()) {
    ROOTLET_TRY(One one, control.total_named(member.key(), what));
    const std::optional<std::string> value = value_of(member.value());
    const bool is_counted = one.kind == Kind::kRows || one.kind == Kind::kCharacters;
    if (!value || (is_counted && !is_count(*value))) {
      return wrong(what, member.key(), "has no such value");
    }
    one.expected = one.kind == Kind::kSum ? plain_number(*value) : *value;
    control.totals_.push_back(std::move(one));
  }
  return control;
}

bool Control::fits(Kind kind, ColumnType type) {
  switch (kind) {
    case Kind::kSum:
      return type == ColumnType::kInteger || type == ColumnType::kDecimal;
    case Kind::kNewest:
      return type == ColumnType::kDate || type == ColumnType::kDatetime;
    case Kind::kRows:
    case Kind::kCharacters:
      break;
  }
  return true;
}

Result<Control::One> Control::total_named(std::string_view name, const std::string& what) const {
  if (name == "rows") return One{.name = "rows"};
  struct Prefix {
    std::string_view text;
    Kind kind;
  };
  for (const Prefix& prefix : {Prefix{"characters_", Kind::kCharacters}, Prefix{"sum_", Kind::kSum},
                               Prefix{"newest_", Kind::kNewest}}) {
    if (!name.starts_with(prefix.text)) continue;
    const DatasetColumn* column = dataset_->column(name.substr(prefix.text.size()));
    if (column == nullptr) return wrong(what, name, "names no column of the dataset");
    if (!fits(prefix.kind, column->spec.type)) {
      return wrong(what, name, "does not fit the column's type");
    }
    return One{.name = std::string(name),
               .kind = prefix.kind,
               .column = static_cast<std::size_t>(column - dataset_->columns.data())};
  }
  return wrong(what, name, "is no total");
}

void Control::add(std::span<const std::string_view> fields) {
  std::string scratch;
  for (One& one : totals_) {
    const ColumnSpec& column = dataset_->columns[one.column].spec;
    const std::string_view field = fields[one.column];
    switch (one.kind) {
      case Kind::kRows:
        ++one.count;
        break;
      case Kind::kCharacters:
        one.count += static_cast<std::uint64_t>(std::ranges::count_if(
            field, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
        break;
      case Kind::kSum:
        if (const auto cell = read_cell(column, canonical_text(column, field, scratch))) {
          one.sum += cell->integer;
        }
        break;
      case Kind::kNewest:
        one.newest = std::max(one.newest, std::string(canonical_text(column, field, scratch)));
        break;
    }
  }
}

std::string Control::found(const One& one) const {
  const ColumnSpec& column = dataset_->columns[one.column].spec;
  switch (one.kind) {
    case Kind::kRows:
    case Kind::kCharacters:
      return std::to_string(one.count);
    case Kind::kSum:
      return plain_number(
          digits_of(one.sum, column.type == ColumnType::kDecimal ? column.scale : 0));
    case Kind::kNewest:
      break;
  }
  return one.newest;
}

std::vector<Control::Total> Control::totals() const {
  std::vector<Total> totals;
  std::string scratch;
  for (const One& one : totals_) {
    const ColumnSpec& column = dataset_->columns[one.column].spec;
    const std::string expected(one.kind == Kind::kNewest
                                   ? canonical_text(column, one.expected, scratch)
                                   : std::string_view(one.expected));
    const std::string counted = found(one);
    const bool is_empty_sum = one.kind == Kind::kSum && expected.empty() && counted == "0";
    totals.push_back({.name = one.name,
                      .expected = expected,
                      .found = counted,
                      .is_met = expected == counted || is_empty_sum});
  }
  return totals;
}

std::map<std::string, std::string> Control::newest() const {
  std::map<std::string, std::string> newest;
  for (const One& one : totals_) {
    if (one.kind == Kind::kNewest) {
      newest[dataset_->columns[one.column].spec.name] = one.newest;
    }
  }
  return newest;
}

}  // namespace rootlet::platform
