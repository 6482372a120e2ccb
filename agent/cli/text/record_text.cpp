// Records as a table and as a block, forms as tables.
#include "agent/cli/text/record_text.hpp"

#include <algorithm>

#include "agent/cli/text/words.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kShortId = 8;

std::string colon(Language language) {
  return language == Language::kChinese ? "：" : ": ";
}

// "Members: must be between 1 and 30", one for each objection.
std::vector<std::string> objection_lines(const json::object& record, Language language) {
  std::vector<std::string> out;
  for (const json::value& value : array_at(record, "objections")) {
    const json::object& one = value.get_object();
    const std::string title = text_at(one, "title", language);
    out.push_back((title.empty() ? text_at(one, "field") : title) + colon(language) +
                  text_at(one, "words", language));
  }
  return out;
}

std::string held_words(const json::object& record, Language language) {
  return text_at(object_at(record, "too_large"), "words", language);
}

std::string remark_of(const json::object& record, Language language) {
  const std::string held = held_words(record, language);
  if (!held.empty()) return held;
  std::string out;
  for (const std::string& line : objection_lines(record, language)) {
    out += (out.empty() ? "" : language == Language::kChinese ? "；" : "; ") + line;
  }
  return out;
}

std::string form_name(const json::object& record, Language language) {
  const std::string title = text_at(record, "form_title", language);
  return title.empty() ? text_at(record, "form") : title;
}

// A value as a person wrote or chose it.
std::string value_text(const json::object& field, Language language) {
  const std::string words = text_at(field, "words", language);
  const json::value* value = field.if_contains("value");
  if (!words.empty() || value == nullptr) return words;
  if (value->is_bool()) {
    const bool zh = language == Language::kChinese;
    return value->get_bool() ? (zh ? "是" : "yes") : (zh ? "否" : "no");
  }
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

}  // namespace

std::size_t short_id_length(const json::array& records) {
  std::vector<std::string> ids;
  for (const json::value& value : records) ids.push_back(text_at(value.get_object(), "id"));
  std::sort(ids.begin(), ids.end());
  std::size_t length = kShortId;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto [a, b] =
        std::mismatch(ids[i - 1].begin(), ids[i - 1].end(), ids[i].begin(), ids[i].end());
    length = std::max(length, static_cast<std::size_t>(a - ids[i - 1].begin()) + 1);
  }
  return length;
}

TextTable records_table(const json::array& records, Language language) {
  const bool zh = language == Language::kChinese;
  TextTable table(zh ? std::vector<std::string>{"编号", "表单", "对象", "状态", "保存时间", "说明"}
                     : std::vector<std::string>{"id", "form", "about", "state", "saved", "remark"});
  const std::size_t length = short_id_length(records);
  for (const json::value& value : records) {
    const json::object& record = value.get_object();
    table.add({text_at(record, "id").substr(0, length), form_name(record, language),
               text_at(record, "subject"), word_in(text_at(record, "state"), language),
               text_at(record, "saved_at"), remark_of(record, language)});
  }
  return table;
}

std::string record_text(const json::object& record, Language language, std::size_t max_width) {
  const bool zh = language == Language::kChinese;
  std::vector<std::string> titles, cells;
  const auto line = [&](const char* en, const char* chinese, std::string cell) {
    if (cell.empty()) return;
    titles.push_back(zh ? chinese : en);
    cells.push_back(std::move(cell));
  };
  line("id", "编号", text_at(record, "id"));
  line("form", "表单", form_name(record, language));
  line("state", "状态", word_in(text_at(record, "state"), language));
  line("saved", "保存时间", time_at(record, "saved_at"));
  line("attempt", "第几次填报",
       integer_at(record, "attempt") > 1 ? text_at(record, "attempt") : "");
  line("remark", "说明", held_words(record, language));
  for (const std::string& objection : objection_lines(record, language)) {
    line("to correct", "需改正", objection);
  }
  line("values", "内容",
       boolean_at(record, "erased") ? (zh ? "保存期满，已删除" : "erased, their retention is over")
                                    : "");
  const json::array& receipts = array_at(record, "receipts");
  line("receipts", "回执", receipts.empty() ? "" : std::to_string(receipts.size()));
  const std::string values = values_text(record, language, max_width);
  return block_text(titles, cells, max_width) + (values.empty() ? "" : "\n" + values);
}

std::string values_text(const json::object& holder, Language language, std::size_t max_width) {
  std::vector<std::string> titles, cells;
  for (const json::value& value : array_at(holder, "fields")) {
    const json::object& field = value.get_object();
    titles.push_back(text_at(field, "title", language));
    cells.push_back(value_text(field, language));
  }
  return block_text(titles, cells, max_width);
}

std::string form_text(const json::object& form, Language language, std::size_t max_width) {
  const bool zh = language == Language::kChinese;
  TextTable table(zh ? std::vector<std::string>{"  项目", "名称", "类型", "必填"}
                     : std::vector<std::string>{"  field", "title", "type", "required"});
  for (const json::value& item : array_at(form, "fields")) {
    const json::object& field = item.get_object();
    const bool required = boolean_at(field, "required");
    table.add({"  " + text_at(field, "name"), text_at(field, "title", language),
               word_in(text_at(field, "type"), language), required ? (zh ? "是" : "yes") : ""});
  }
  return text_at(form, "id") + " · " + text_at(form, "title", language) + " · " +
         text_at(form, "unit", language) + "\n" + table.text(max_width) + "\n";
}

}  // namespace rootlet::agent
