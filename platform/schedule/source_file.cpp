// A strict parser, part by part.
#include "platform/schedule/source_file.hpp"

#include <algorithm>
#include <cstdlib>

#include "config/units.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "platform/source/mapping/exchange_table.hpp"

namespace rootlet::platform {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kCodes = 10'000;  // of one column
constexpr std::size_t kHeadingBytes = 512;
constexpr seconds kShortest = minutes(1), kLongest = days(400);

Result<seconds> duration(JsonObject& object, std::string_view key, seconds fallback) {
  if (!object.has(key)) return fallback;
  ROOTLET_TRY(const std::string text, object.text(key));
  const Result<std::chrono::milliseconds> read = parse_duration(text);
  if (read.has_error()) {
    return object.error(key, "must be a duration such as \"15m\", \"6h\" or \"1d\"");
  }
  const auto value = std::chrono::duration_cast<seconds>(read.value());
  if (value < kShortest || value > kLongest) return object.error(key, "must be 1m to 400d");
  return value;
}

Result<std::optional<int>> percent(JsonObject& object, std::string_view key) {
  if (!object.has(key)) return std::optional<int>();
  ROOTLET_TRY(const std::int64_t value, object.integer(key, 0, 100));
  return std::optional(static_cast<int>(value));
}

Result<bool> flag(JsonObject& object, std::string_view key) {
  if (!object.has(key)) return false;
  return object.boolean(key);
}

// "HH:MM" as minutes.
Result<int> minute_of_day(JsonObject& when) {
  ROOTLET_TRY(const std::string text, when.text("at"));
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  const bool is_time =
      text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4);
  const int hour = is_time ? std::atoi(text.c_str()) : 24;
  const int minute = is_time ? std::atoi(text.c_str() + 3) : 60;
  if (hour > 23 || minute > 59) return when.error("at", "must be a time of day such as \"02:30\"");
  return 60 * hour + minute;
}

Status read_when(JsonObject& object, SourceFile& file) {
  ROOTLET_TRY(JsonObject when, object.object("when"));
  ROOTLET_TRY(file.when.every, duration(when, "every", seconds(0)));
  if (file.when.every == seconds(0)) return when.error("every", "is missing");
  if (when.has("at")) {
    ROOTLET_TRY(file.when.at_minute, minute_of_day(when));
    if (file.when.every % days(1) != seconds(0)) {
      return when.error("at", "needs \"every\" in whole days");
    }
  }
  return when.finish();
}

Status read_since(JsonObject& object, SourceFile& file) {
  if (!object.has("since")) return ok();
  ROOTLET_TRY(JsonObject since, object.object("since"));
  Incremental read;
  ROOTLET_TRY(read.column, since.text("column", kHeadingBytes));
  ROOTLET_TRY(read.overlap, duration(since, "overlap", minutes(5)));
  ROOTLET_TRY(read.whole_every, duration(since, "whole_every", days(7)));
  if (!is_database(file.from.kind)) return object.error("since", "needs a database");
  if (file.is_change_list) return object.error("since", "excludes \"changes\"");
  file.mapping.newest_heading = read.column;
  file.since = std::move(read);
  return since.finish();
}

Status read_follow(JsonObject& object, SourceFile& file) {
  if (!object.has("follow")) return ok();
  ROOTLET_TRY(JsonObject follow, object.object("follow"));
  Follow read;
  ROOTLET_TRY(read.publication, follow.text("publication", kHeadingBytes));
  ROOTLET_TRY(read.whole_every, duration(follow, "whole_every", days(30)));
  if (file.from.kind != SourceKind::kPostgres || file.from.table.empty()) {
    return object.error("follow", "needs postgres:…?table=NAME");
  }
  if (file.since.has_value() || file.is_change_list || !file.from.control_query.empty()) {
    return object.error("follow", "excludes \"since\", \"changes\" and \"control_query\"");
  }
  const std::size_t point = file.from_text.rfind("table=") + std::string_view("table=").size();
  const std::string name = file.from_text.substr(point);
  const std::size_t dot = name.find('.');
  read.schema = dot == name.npos ? "public" : name.substr(0, dot);
  read.table = dot == name.npos ? name : name.substr(dot + 1);
  file.follow = std::move(read);
  return follow.finish();
}

Status read_columns(JsonObject& object, const DatasetDefinition& dataset, SourceMapping& mapping) {
  if (!object.has("columns")) return ok();
  ROOTLET_TRY(JsonObject columns, object.object("columns"));
  for (const DatasetColumn& column : dataset.columns) {
    if (!columns.has(column.spec.name)) continue;
    ROOTLET_TRY(mapping.headings[column.spec.name], columns.text(column.spec.name));
  }
  return columns.finish();
}

Result<CodeList> code_list(JsonObject& codes, std::string_view column) {
  const json::value* value = codes.find(column);
  if (!value->is_object() || value->get_object().size() > kCodes) {
    return codes.error(column, "must be an object of at most 10,000 codes");
  }
  CodeList list;
  for (const auto& member : value->get_object()) {
    if (!member.value().is_string()) return codes.error(column, "must map texts to texts");
    list.emplace(member.key(), member.value().get_string());
  }
  return list;
}

Status read_codes(JsonObject& object, const DatasetDefinition& dataset, SourceFile& file) {
  if (!object.has("codes")) return ok();
  ROOTLET_TRY(JsonObject codes, object.object("codes"));
  for (const DatasetColumn& column : dataset.columns) {
    if (!codes.has(column.spec.name)) continue;
    ROOTLET_TRY(file.mapping.codes[column.spec.name], code_list(codes, column.spec.name));
  }
  if (file.is_change_list && codes.has(file.mapping.change_heading)) {
    ROOTLET_TRY(file.mapping.change_codes, code_list(codes, file.mapping.change_heading));
  }
  return codes.finish();
}

// A column of changes, or true for one that is called "change".
Status read_changes(JsonObject& object, SourceFile& file) {
  if (!object.has("changes")) return ok();
  file.is_change_list = true;
  if (object.find("changes")->is_bool()) {
    ROOTLET_TRY(file.is_change_list, object.boolean("changes"));
    return ok();
  }
  ROOTLET_TRY(file.mapping.change_heading, object.text("changes", kHeadingBytes));
  if (!file.mapping.change_heading.empty()) return ok();
  return object.error("changes", "must be true or the name of a column");
}

Status read_others(JsonObject& object, SourceMapping& mapping) {
  if (!object.has("others")) return ok();
  ROOTLET_TRY(const std::string others, object.text("others"));
  mapping.ignores_others = others == "ignore";
  if (mapping.ignores_others || others == "refuse") return ok();
  return object.error("others", "must be \"ignore\" or \"refuse\"");
}

Status read_password(JsonObject& object, SourceFile& file) {
  if (!object.has("password")) return ok();
  ROOTLET_TRY(JsonObject password, object.object("password"));
  if (password.has("file")) {
    ROOTLET_TRY(file.password_file, password.text("file"));
  } else {
    ROOTLET_TRY(const std::string name, password.text("credential"));
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    file.password_file = std::string(folder == nullptr ? "/run/credentials" : folder) + "/" + name;
    if (name.empty() || name.find('/') != name.npos) {
      return password.error("credential", "must be the name of a systemd credential");
    }
  }
  if (!file.password_file.starts_with('/')) return password.error("file", "must be a whole path");
  return password.finish();
}

Status read_from(JsonObject& object, SourceFile& file) {
  ROOTLET_TRY(file.from_text, object.text("from", limits::kCellBytes));
  Result<SourceAddress> from = parse_source_address(file.from_text);
  if (from.has_error()) return object.error("from", from.error().message);
  file.from = std::move(from).value();
  if (!file.from.exchange.empty()) {
    file.is_change_list = true;
    file.mapping = exchange_mapping(std::move(file.mapping));
  }
  const bool is_path = !is_database(file.from.kind) || file.from.kind == SourceKind::kSqlite;
  if (is_path && !file.from.place.starts_with('/')) {
    return object.error("from", "must name the file by its whole path");
  }
  if (object.has("control_query")) {
    ROOTLET_TRY(file.from.control_query, object.text("control_query", limits::kCellBytes));
    if (!is_database(file.from.kind)) return object.error("control_query", "needs a database");
  }
  if (!object.has("control")) return ok();
  ROOTLET_TRY(file.control_file, object.text("control"));
  if (file.control_file.starts_with('/') && !object.has("control_query")) return ok();
  return object.error("control", "must be a whole path, and excludes \"control_query\"");
}

Status read_csv(JsonObject& object, SourceFile& file) {
  if (object.has("encoding")) {
    ROOTLET_TRY(const std::string name, object.text("encoding"));
    file.csv.encoding = encoding_named(name);
    if (!file.csv.encoding) return object.error("encoding", "is no encoding that can be read");
  }
  if (!object.has("delimiter")) return ok();
  ROOTLET_TRY(const std::string name, object.text("delimiter"));
  const std::optional<char> delimiter = delimiter_named(name);
  if (!delimiter) return object.error("delimiter", "must be comma, tab or semicolon");
  file.csv.delimiter = *delimiter;
  return ok();
}

Status read_quarantine(JsonObject& object, SourceFile& file) {
  if (!object.has("quarantine")) return ok();
  ROOTLET_TRY(JsonObject quarantine, object.object("quarantine"));
  ROOTLET_TRY(const std::int64_t most, quarantine.integer("most_percent", 0, 100));
  file.quarantine_percent = static_cast<int>(most);
  return quarantine.finish();
}

Status read_alarms(JsonObject& object, SourceFile& file) {
  ROOTLET_TRY(file.timeout, duration(object, "timeout", hours(1)));
  const seconds usual = std::max<seconds>(2 * file.when.every, hours(1));
  ROOTLET_TRY(file.alarm_after, duration(object, "alarm_after", usual));
  ROOTLET_TRY(file.expect_change, duration(object, "expect_change", seconds(0)));
  return ok();
}

}  // namespace

Result<SourceFile> SourceFile::parse(std::string_view text, const DatasetDefinition& dataset,
                                     std::string_view what) {
  if (text.size() > limits::kDefinitionBytes) {
    return bad_input(std::string(what) + ": is larger than 1 MiB", "document");
  }
  ROOTLET_TRY(const json::value document, parse_json(text, what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, what));
  object.find("$schema");  // for editors
  SourceFile file;
  file.mapping.text = text;
  ROOTLET_TRY(read_from(object, file));
  ROOTLET_TRY(read_password(object, file));
  ROOTLET_TRY(read_csv(object, file));
  ROOTLET_TRY(read_changes(object, file));
  ROOTLET_TRY(read_columns(object, dataset, file.mapping));
  ROOTLET_TRY(read_others(object, file.mapping));
  ROOTLET_TRY(read_codes(object, dataset, file));
  ROOTLET_TRY(file.mapping.trims, flag(object, "trim"));
  ROOTLET_TRY(read_quarantine(object, file));
  ROOTLET_TRY(file.accept_changes, percent(object, "accept_changes"));
  ROOTLET_TRY(read_when(object, file));
  ROOTLET_TRY(read_since(object, file));
  ROOTLET_TRY(read_follow(object, file));
  ROOTLET_TRY(read_alarms(object, file));
  ROOTLET_TRY(object.finish());
  return file;
}

}  // namespace rootlet::platform
