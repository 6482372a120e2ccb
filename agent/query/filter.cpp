// Parses filters in PostgREST's syntax (its "Horizontal Filtering") into SQL conditions.
#include "agent/query/filter.hpp"

#include <algorithm>
#include <array>

#include "config/cli/suggestion.hpp"

namespace rootlet::agent {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kComparisons{{
    {"eq", "="},
    {"neq", "<>"},
    {"gt", ">"},
    {"gte", ">="},
    {"lt", "<"},
    {"lte", "<="},
}};
constexpr std::string_view kOperators = "eq, neq, gt, gte, lt, lte, like, ilike, in, is, not";
constexpr std::size_t kValuesInList = 1000;

std::vector<std::string> operator_names() {
  return {"eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "in", "is", "not"};
}

Error filter_error(std::string_view text, const std::string& detail, Text near = {}) {
  Text form{.en = "column=operator.value, such as code=like.3304* or year=gte.2020",
            .zh = "格式：列=运算符.值，例如 code=like.3304* 或 year=gte.2020"};
  return bad_input("--where '" + std::string(text) + "': " + detail, "where",
                   near.empty() ? std::move(form) : std::move(near));
}

std::string names_of(std::span<const FilterColumn> columns) {
  std::string out;
  for (const FilterColumn& column : columns) out += (out.empty() ? "" : ", ") + column.spec.name;
  return out;
}

// '*' is GLOB's own wildcard; brackets escape its other special characters.
std::string glob_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '?' || c == '[') {
      out += std::string("[") + c + "]";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// Replaces '*' by LIKE's '%' if `stars`, and escapes LIKE's own special characters.
std::string like_pattern(std::string_view text, bool stars) {
  std::string out;
  for (const char c : text) {
    if (c == '*' && stars) {
      out.push_back('%');
      continue;
    }
    if (c == '%' || c == '_' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

OwnedCell text_cell(std::string text) {
  return {.kind = CellView::Kind::kText, .integer = 0, .text = std::move(text)};
}

// Parses one filter of a known column.
class FilterParser {
 public:
  FilterParser(std::string_view text, const FilterColumn& column) : text_(text), column_(column) {}

  Result<Condition> parse(std::string_view rest) {
    const bool negated = rest.starts_with("not.");
    if (negated) rest.remove_prefix(4);
    const std::size_t dot = rest.find('.');
    const std::string_view name = rest.substr(0, dot);
    if (dot == std::string_view::npos) {
      return filter_error(
          text_, "has no value after the operator; operators are: " + std::string(kOperators));
    }
    ROOTLET_TRY(Condition condition, parse_operator(name, rest.substr(dot + 1)));
    if (negated) condition.sql = "NOT (" + condition.sql + ")";
    return condition;
  }

 private:
  Result<Condition> parse_operator(std::string_view name, std::string_view value) {
    if (column_.whole_values_only && name != "eq" && name != "is") {
      return filter_error(text_, "column " + column_.spec.name +
                                     " is shown masked and can only be compared with eq");
    }
    for (const auto& [word, sign] : kComparisons) {
      if (word != name) continue;
      ROOTLET_TRY(OwnedCell cell, typed(value));
      return Condition{column_.sql + " " + std::string(sign) + " ?", {std::move(cell)}};
    }
    if (name == "like" || name == "ilike") return parse_like(name, value);
    if (name == "in") return parse_in(value);
    if (name == "is") return parse_is(value);
    return filter_error(
        text_,
        "there is no operator '" + std::string(name) + "'; there are: " + std::string(kOperators),
        did_you_mean(nearest_words(name, operator_names())));
  }

  Result<OwnedCell> typed(std::string_view value) {
    if (column_.spec.type == ColumnType::kText) return text_cell(std::string(value));
    Result<OwnedCell> cell = parse_cell(column_.spec, value);
    if (cell.has_error()) return filter_error(text_, cell.error().message);
    if (cell.value().kind == CellView::Kind::kNull) {
      return filter_error(text_, "the value is empty; use is.null");
    }
    return cell;
  }

  Result<Condition> parse_like(std::string_view name, std::string_view value) {
    if (holds_integers(column_.spec.type)) {
      return filter_error(text_, "column " + column_.spec.name + " holds numbers, not text");
    }
    if (name == "like") {
      return Condition{column_.sql + " GLOB ?", {text_cell(glob_pattern(value))}};
    }
    return Condition{column_.sql + " LIKE ? ESCAPE '\\'", {text_cell(like_pattern(value, true))}};
  }

  Result<Condition> parse_in(std::string_view value) {
    if (value.size() < 2 || value.front() != '(' || value.back() != ')') {
      return filter_error(text_, "a list has the form in.(a,b)");
    }
    ROOTLET_TRY(const std::vector<std::string> items, split(value.substr(1, value.size() - 2)));
    Condition condition{column_.sql + " IN (", {}};
    for (const std::string& item : items) {
      ROOTLET_TRY(OwnedCell cell, typed(item));
      condition.sql += condition.values.empty() ? "?" : ",?";
      condition.values.push_back(std::move(cell));
    }
    condition.sql += ")";
    return condition;
  }

  // a,b,"c,d": commas inside double quotes do not split; a backslash there escapes a character.
  Result<std::vector<std::string>> split(std::string_view list) {
    std::vector<std::string> items(1);
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const char c = list[i];
      if (c == '\\' && quoted && i + 1 < list.size()) {
        items.back().push_back(list[++i]);
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        items.emplace_back();
      } else {
        items.back().push_back(c);
      }
    }
    if (quoted) return filter_error(text_, "a double quote is not closed");
    if (items.size() > kValuesInList) {
      return filter_error(text_, "has more than " + std::to_string(kValuesInList) + " values");
    }
    return items;
  }

  Result<Condition> parse_is(std::string_view value) {
    if (value == "null") return Condition{column_.sql + " IS NULL", {}};
    const bool boolean = column_.spec.type == ColumnType::kBoolean;
    if (boolean && value == "true") return Condition{column_.sql + " = 1", {}};
    if (boolean && value == "false") return Condition{column_.sql + " = 0", {}};
    return filter_error(text_, boolean ? "is takes null, true or false" : "is takes null");
  }

  std::string_view text_;
  const FilterColumn& column_;
};

bool has_title(const FilterColumn& column, std::string_view name) {
  return !name.empty() && (column.title.en == name || column.title.zh == name);
}

}  // namespace

const FilterColumn* find_column(std::span<const FilterColumn> columns, std::string_view name) {
  const FilterColumn* found = nullptr;
  for (const FilterColumn& column : columns) {
    if (column.spec.name == name) return &column;
  }
  for (const FilterColumn& column : columns) {
    if (!has_title(column, name)) continue;
    if (found != nullptr) return nullptr;
    found = &column;
  }
  return found;
}

Error no_such_column(std::string_view name, std::span<const FilterColumn> columns,
                     std::string_view field) {
  std::vector<std::string> known;
  std::string same_title;
  for (const FilterColumn& column : columns) {
    known.push_back(column.spec.name);
    for (const std::string* title : {&column.title.en, &column.title.zh}) {
      const bool is_new = std::find(known.begin(), known.end(), *title) == known.end();
      if (!title->empty() && is_new) known.push_back(*title);
    }
    if (!has_title(column, name)) continue;
    same_title += (same_title.empty() ? "" : ", ") + column.spec.name;
  }
  if (!same_title.empty()) {
    return bad_input("two columns have the title '" + std::string(name) + "': " + same_title,
                     std::string(field));
  }
  return bad_input(
      "there is no column '" + std::string(name) + "'; there are: " + names_of(columns),
      std::string(field), did_you_mean(nearest_words(name, known)));
}

Result<Condition> parse_filter(std::string_view text, std::span<const FilterColumn> columns) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return filter_error(text, "does not have the form column=operator.value");
  }
  const std::string_view name = text.substr(0, equals);
  const FilterColumn* column = find_column(columns, name);
  if (column == nullptr) {
    Error error = no_such_column(name, columns, "where");
    return filter_error(text, error.message, std::move(error.hint));
  }
  return FilterParser(text, *column).parse(text.substr(equals + 1));
}

}  // namespace rootlet::agent
