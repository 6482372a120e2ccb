#include "agent/sql/sql_words.hpp"

#include <algorithm>
#include <array>

#include "config/cli/suggestion.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet::agent {
namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || byte >= 0x80;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// Past a comment at `at`, or `at` itself.
std::size_t past_comment(std::string_view sql, std::size_t at) {
  const std::string_view rest = sql.substr(at);
  const auto end_at = [&](std::string_view end) {
    const std::size_t found = rest.find(end, 2);
    return found == rest.npos ? sql.size() : at + found + end.size();
  };
  if (rest.starts_with("--")) return end_at("\n");
  if (rest.starts_with("/*")) return end_at("*/");
  return at;
}

// The text in quotes at `at`, and where it ends.
std::string quoted(std::string_view sql, std::size_t& at) {
  const char end = sql[at] == '[' ? ']' : sql[at];
  std::string out;
  for (++at; at < sql.size(); ++at) {
    if (sql[at] == end) {
      const bool is_doubled = end != ']' && at + 1 < sql.size() && sql[at + 1] == end;
      if (!is_doubled) break;
      ++at;
    }
    out.push_back(sql[at]);
  }
  at = std::min(at + 1, sql.size());
  return out;
}

// A sentence of SQLite: what it begins with, what stands after the name, and its words in Chinese
// before and after the name.
struct Sentence {
  std::string_view begin, end, zh_before, zh_after;
};
constexpr std::array kSentences = {
    Sentence{"no such table: ", "", "没有名为 ", " 的表"},
    Sentence{"no such column: ", "", "没有名为 ", " 的列"},
    Sentence{"no such function: ", "", "没有函数 ", ""},
    Sentence{"near \"", "\": syntax error", "语法错误，位于“", "”附近"},
    Sentence{"unrecognized token: \"", "\"", "无法识别“", "”"},
    Sentence{"ambiguous column name: ", "", "列名 ", " 不明确，请写成“表.列”"},
    Sentence{"wrong number of arguments to function ", "", "函数 ", " 的参数个数不对"},
    Sentence{"misuse of aggregate: ", "", "聚合函数 ", " 不能用在这里"},
    Sentence{"misuse of aggregate function ", "", "聚合函数 ", " 不能用在这里"},
    Sentence{"misuse of window function ", "", "窗口函数 ", " 不能用在这里"},
    Sentence{"no value for parameter ", "", "参数 ", " 没有给出值（--param 名称=值）"},
    Sentence{"no such parameter: ", "", "语句中没有参数 :", ""},
    Sentence{"incomplete input", "", "语句不完整", ""},
    Sentence{"there is no statement", "", "没有语句", ""},
    Sentence{"one statement at a time", "", "一次只能执行一条语句", ""},
    Sentence{"a parameter has no name", "", "参数须有名称：请写 :名称，不要写 ?", ""},
};

// The name that the sentence is about, and the whole in Chinese.
struct Understood {
  std::string name;
  std::string zh;
};
Understood understand(std::string_view message) {
  for (const Sentence& one : kSentences) {
    if (!message.starts_with(one.begin)) continue;
    std::string_view name = message.substr(one.begin.size());
    const bool names_something = one.begin.ends_with(' ') || one.begin.ends_with('"');
    if (!names_something) return {.name = "", .zh = std::string(one.zh_before)};
    const std::size_t end = one.end.empty() ? name.npos : name.rfind(one.end);
    name = name.substr(0, end);
    const std::size_t remark = name.find(" - should this be");  // SQLite's, on double quotes
    name = name.substr(0, remark);
    std::string zh = std::string(one.zh_before) + std::string(name) + std::string(one.zh_after);
    if (remark != name.npos) zh += "；文本请用单引号";
    std::string bare(name);
    std::erase(bare, '"');
    return {.name = std::move(bare), .zh = std::move(zh)};
  }
  return {.name = "", .zh = "SQLite 报告：" + std::string(message)};
}

// "roster.nam" without what stands before the dot.
std::string last_part(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == name.npos ? name : name.substr(dot + 1);
}

std::vector<std::string> suggestions(std::string_view message, const std::string& name,
                                     const KnownNames& known) {
  const bool is_table = message.starts_with("no such table");
  const bool is_column = message.starts_with("no such column");
  if (!is_table && !is_column) return {};
  return nearest_words(lower(last_part(name)), is_table ? known.tables : known.columns);
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  return out + (names.size() > kMost ? ", …" : "");
}

// Where SQLite saw the mistake; it does not say so for a missing table.
std::size_t offset_of(const SqlFailure& failure, std::string_view sql, const std::string& name) {
  if (failure.offset >= 0) return static_cast<std::size_t>(failure.offset);
  if (name.empty()) return sql.npos;
  const std::string wanted = lower(last_part(name));
  for (const SqlName& one : names_in(sql)) {
    if (one.text == wanted) return one.offset;
  }
  return sql.npos;
}

Error with_place(ErrorCode code, std::string message, Text hint, std::string_view sql,
                 std::size_t offset) {
  if (offset == sql.npos) return Error(code, "SQL: " + message, "", std::move(hint));
  const Text place = position_of(sql, offset);
  hint.zh = place.zh + "：" + hint.zh;
  return Error(code, "SQL: " + message + " (" + place.en + ")", place.en, std::move(hint));
}

Error mistake(const SqlFailure& failure, std::string_view sql, const KnownNames& known) {
  const Understood understood = understand(failure.message);
  Text hint{.en = "", .zh = understood.zh + "。"};
  const Text meant = did_you_mean(suggestions(failure.message, understood.name, known));
  if (!meant.empty()) {
    hint.en = meant.en;
    hint.zh += meant.zh;
  } else if (failure.message.starts_with("no such table")) {
    hint.en = "Tables for this purpose: " + list_of(known.tables);
    hint.zh += "此用途下的表：" + list_of(known.tables);
  } else if (failure.message.starts_with("no such column")) {
    hint.en = "Columns: " + list_of(known.columns);
    hint.zh += "列：" + list_of(known.columns);
  } else {
    hint.en = "`rootlet sql --schema --purpose P` shows the tables and columns.";
    hint.zh += "运行 rootlet sql --schema --purpose P 可查看表和列。";
  }
  return with_place(ErrorCode::kBadInput, failure.message, std::move(hint), sql,
                    offset_of(failure, sql, understood.name));
}

Error forbidden(const SqlFailure& failure, std::string_view sql) {
  const std::string& name = failure.name;
  return with_place(
      ErrorCode::kNotPermitted, name + " is not allowed here",
      {.en =
           "One SELECT over the tables that `rootlet sql --schema` shows; nothing is written, and "
           "other tables and some functions are closed.",
       .zh = name + " 不允许使用。只能用一条 SELECT 查询 rootlet sql --schema "
                    "列出的表，不能写入，其他表和部分函数不开放。"},
      sql, failure.offset >= 0 ? static_cast<std::size_t>(failure.offset) : sql.npos);
}

// A statement that needs more than it may.
Error over_limit(std::string message, Text hint) {
  return Error(ErrorCode::kBadInput, "SQL: " + std::move(message), "", std::move(hint));
}

}  // namespace

std::vector<SqlName> names_in(std::string_view sql) {
  std::vector<SqlName> out;
  std::size_t at = 0;
  while (at < sql.size()) {
    const std::size_t begin = at;
    at = past_comment(sql, at);
    if (at != begin) continue;
    const char c = sql[at];
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      out.push_back({lower(quoted(sql, at)), begin});
    } else if (is_word(c)) {
      while (at < sql.size() && is_word(sql[at])) ++at;
      out.push_back({lower(sql.substr(begin, at - begin)), begin});
    } else {
      ++at;
    }
  }
  return out;
}

Text position_of(std::string_view sql, std::size_t offset) {
  const std::string_view before = sql.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t last = before.rfind('\n');
  const std::string_view in_line = last == before.npos ? before : before.substr(last + 1);
  // Continuation bytes of UTF-8 begin no character.
  const auto column =
      std::count_if(in_line.begin(), in_line.end(), [](char c) { return (c & 0xC0) != 0x80; }) + 1;
  const std::string l = std::to_string(line), c = std::to_string(column);
  return {.en = "line " + l + ", column " + c, .zh = "第 " + l + " 行第 " + c + " 个字符"};
}

std::string missing_table(const SqlFailure& failure) {
  if (failure.problem == SqlProblem::kForbidden && failure.name.starts_with("table ")) {
    return failure.name.substr(6);
  }
  if (!failure.message.starts_with("no such table: ")) return "";
  return last_part(understand(failure.message).name);
}

Error explain(const SqlFailure& failure, std::string_view sql, const KnownNames& known) {
  switch (failure.problem) {
    case SqlProblem::kMistake:
      return mistake(failure, sql, known);
    case SqlProblem::kForbidden:
      return forbidden(failure, sql);
    case SqlProblem::kTooLarge:
      return over_limit("larger than allowed: " + failure.message,
                        {.en = "A text, the statement or one of its parts is over its limit. Take "
                               "fewer columns, shorter texts or a simpler statement.",
                         .zh = "文本、语句或其中一部分超过上限。请减少列、缩短文本或简化语句。"});
    case SqlProblem::kMemory: {
      const std::string mib = std::to_string(limits::kSqlMemoryBytes / limits::kMiB);
      return over_limit("stopped: it needs more memory than " + mib + " MiB",
                        {.en = "Narrow it with WHERE, or sort and group fewer rows.",
                         .zh = "所需内存超过 " + mib +
                               " MiB，已停止。请用 WHERE 缩小范围，或减少排序、"
                               "分组的行数。"});
    }
    case SqlProblem::kTime: {
      const std::string seconds = std::to_string(limits::kSqlTime.count());
      return over_limit(
          "stopped: it took longer than " + seconds + " seconds",
          {.en = "Narrow it with WHERE, and join by the key columns of a table.",
           .zh = "运行超过 " + seconds + " 秒，已停止。请用 WHERE 缩小范围，并按主键列连接。"});
    }
    case SqlProblem::kFile:
      break;
  }
  return failure.is_damage ? fail(ErrorCode::kStorageDamaged, failure.message)
                           : fail(ErrorCode::kStorage, "SQL: " + failure.message);
}

}  // namespace rootlet::agent
