#include "agent/api/form/row_body.hpp"

#include <algorithm>
#include <array>

#include "agent/api/form/problem.hpp"
#include "agent/channel/row_values.hpp"
#include "core/format/csv.hpp"
#include "core/format/export_mark.hpp"
#include "core/format/json_values.hpp"
#include "core/format/percent.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kCsvType = "text/csv; charset=utf-8; header=present";
constexpr std::string_view kLinesType = "application/x-ndjson";

std::string cell_text(const json::value& cell) {
  if (cell.is_null()) return "";
  if (cell.is_string()) return std::string(cell.get_string());
  return json::serialize(cell);
}

std::string csv_row(const std::vector<std::string>& cells) {
  const std::vector<std::string_view> views(cells.begin(), cells.end());
  std::string out;
  append_csv_row(out, views);
  return out;
}

// Names and values of provenance=columns.
constexpr std::array<std::string_view, 6> kProvenanceNames{"_provider",    "_version", "_as_of",
                                                           "_lease_until", "_stale",   "_purpose"};
std::vector<std::string> provenance_values(const json::object& provenance, Language language) {
  return {text_at(object_at(provenance, "provider"), "name", language),
          text_at(provenance, "version"),
          text_at(provenance, "as_of"),
          text_at(provenance, "lease_until"),
          boolean_at(provenance, "stale") ? "true" : "false",
          text_at(provenance, "purpose")};
}

bool wants_columns(const ApiRequest& request) {
  return request.value("provenance") == "columns";
}

void add_next(BodyOut& out, const ApiRequest& request, const json::object& done) {
  const std::string next = text_at(done, "next");
  if (next.empty()) return;
  out.add_field({"Link", "<" + next_address(request, next) + ">; rel=\"next\""});
}

// Goes with exported rows wherever they go.
std::string watermark_line(const json::object& head, Language language) {
  const std::string line = text_at(object_at(head, "export"), "line", language);
  return line.empty() ? "" : export_mark_line(line);
}

std::string error_member(const Error& error, Language language) {
  return ",\"limited\":true,\"error\":" +
         json::serialize(problem_json(error, status_of(error), language)) + "}";
}

class JsonRows final : public RowBody {
 public:
  JsonRows(BodyOut& out, const ApiRequest& request) : RowBody(out, request) {}

  Status head(const json::object& head) override {
    out_.begin(http::kJsonType, {});
    names_ = column_names(head);
    if (const json::value* total = head.if_contains("total")) total_ = *total;
    std::string start = "{";
    if (const json::value* mark = head.if_contains("export")) {
      start += "\"export\":" + json::serialize(*mark) + ",";
    }
    return out_.write(start + "\"provenance\":" + json::serialize(object_at(head, "provenance")) +
                      ",\"columns\":" + json::serialize(array_at(head, "columns")) + ",\"rows\":[");
  }
  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) {
      if (std::exchange(any_, true)) text += ',';
      text += json::serialize(row_object(names_, row));
    }
    return out_.write(text);
  }
  Status finish(const json::object& done) override {
    add_next(out_, request_, done);
    const std::string next = text_at(done, "next");
    json::object end{{"count", integer_at(done, "count")}, {"limited", boolean_at(done, "more")}};
    end["next"] = next.empty() ? json::value() : json::value(next_address(request_, next));
    if (!total_.is_null()) end["total"] = total_;
    return out_.write("]," + json::serialize(end).substr(1));
  }
  bool finish_with(const Error& error) override {
    return out_.write("]" + error_member(error, request_.language)).has_value();
  }

 private:
  std::vector<std::string> names_;
  json::value total_;
  bool any_ = false;
};

class CsvRows final : public RowBody {
 public:
  CsvRows(BodyOut& out, const ApiRequest& request) : RowBody(out, request) {}

  Status head(const json::object& head) override {
    out_.begin(kCsvType, companion_fields(head));
    watermark_ = watermark_line(head, request_.language);
    says_limited_ = head.contains("limited");
    std::vector<std::string> names;
    if (wants_columns(request_)) {
      first_ = provenance_values(object_at(head, "provenance"), request_.language);
      names.assign(kProvenanceNames.begin(), kProvenanceNames.end());
    }
    for (std::string& name : column_names(head)) names.push_back(std::move(name));
    return out_.write(csv_row(names));
  }
  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) {
      std::vector<std::string> cells = first_;
      for (const json::value& cell : row.get_array()) cells.push_back(cell_text(cell));
      text += csv_row(cells);
    }
    return out_.write(text);
  }
  Status finish(const json::object& done) override {
    add_next(out_, request_, done);
    if (!says_limited_ && boolean_at(done, "more")) watermark_ += "# limited: true\n";
    return out_.write(watermark_);
  }

 private:
  std::vector<std::string> first_;
  std::string watermark_;
  bool says_limited_ = false;
};

class JsonLineRows final : public RowBody {
 public:
  JsonLineRows(BodyOut& out, const ApiRequest& request) : RowBody(out, request) {}

  Status head(const json::object& head) override {
    out_.begin(kLinesType, companion_fields(head));
    says_limited_ = head.contains("limited");
    names_ = column_names(head);
    if (const json::value* mark = head.if_contains("export")) {
      watermark_ = json::serialize(json::object{{"export", *mark}}) + "\n";
    }
    if (wants_columns(request_)) {
      first_ = provenance_values(object_at(head, "provenance"), request_.language);
    }
    return ok();
  }
  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) {
      json::object line;
      for (std::size_t i = 0; i < first_.size(); ++i) line[kProvenanceNames[i]] = first_[i];
      for (const auto& member : row_object(names_, row)) line[member.key()] = member.value();
      text += json::serialize(line) + "\n";
    }
    return out_.write(text);
  }
  Status finish(const json::object& done) override {
    add_next(out_, request_, done);
    if (!says_limited_ && boolean_at(done, "more")) watermark_ += "{\"limited\":true}\n";
    return out_.write(watermark_);
  }

 private:
  std::vector<std::string> names_, first_;
  std::string watermark_;
  bool says_limited_ = false;
};

// A head per dataset. What else a head or the result says is passed on.
class SearchRows final : public RowBody {
 public:
  SearchRows(BodyOut& out, const ApiRequest& request) : RowBody(out, request) {}

  Status head(const json::object& head) override {
    names_ = column_names(head);
    any_ = false;
    std::string text = open_ ? "]}," : "{\"results\":[";
    if (!std::exchange(open_, true)) out_.begin(http::kJsonType, {});
    const std::string start = json::serialize(head);
    text += start.substr(0, start.size() - 1) + (head.empty() ? "" : ",") + "\"rows\":[";
    return out_.write(text);
  }
  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) {
      if (std::exchange(any_, true)) text += ',';
      text += json::serialize(row_object(names_, row));
    }
    return out_.write(text);
  }
  Status finish(const json::object& done) override {
    if (!open_) out_.begin(http::kJsonType, {});
    json::object end = done;
    end["limited"] = boolean_at(done, "more");
    end.erase("more");
    end.erase("truncated");
    return out_.write((open_ ? "]}]," : "{\"results\":[],") + json::serialize(end).substr(1));
  }
  bool finish_with(const Error& error) override {
    return out_.write("]}]" + error_member(error, request_.language)).has_value();
  }

 private:
  std::vector<std::string> names_;
  bool open_ = false, any_ = false;
};

class SingleRow final : public RowBody {
 public:
  SingleRow(BodyOut& out, const ApiRequest& request) : RowBody(out, request) {}

  Status head(const json::object& head) override {
    whole_ = head;
    return ok();
  }
  Status rows(const json::array& rows) override {
    if (!rows.empty()) whole_["row"] = row_object(column_names(whole_), rows.front());
    return ok();
  }
  Status finish(const json::object&) override {
    out_.begin(http::kJsonType, {});
    return out_.write(json::serialize(whole_));
  }

 private:
  json::monotonic_resource memory_;  // of all parts: a look-up makes hundreds
  json::object whole_{&memory_};
};

// The members of any of `list`, in the order of their first appearance.
std::vector<std::string> member_names(const json::array& list) {
  std::vector<std::string> names;
  for (const json::value& one : list) {
    for (const auto& member : one.get_object()) {
      const std::string name(member.key());
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string list_csv(const json::array& list) {
  const std::vector<std::string> names = member_names(list);
  std::string text = names.empty() ? "" : csv_row(names);
  for (const json::value& one : list) {
    std::vector<std::string> cells;
    for (const std::string& name : names) {
      const json::value* cell = one.get_object().if_contains(name);
      cells.push_back(cell == nullptr ? "" : cell_text(*cell));
    }
    text += csv_row(cells);
  }
  return text;
}

}  // namespace

std::vector<http::Field> companion_fields(const json::object& head) {
  std::vector<http::Field> fields;
  const std::string provenance = json::serialize(object_at(head, "provenance"));
  fields.push_back({"Rootlet-Provenance", percent_encode(provenance)});
  if (head.contains("limited")) {
    fields.push_back({"Rootlet-Limited", boolean_at(head, "limited") ? "true" : "false"});
  }
  if (head.contains("total")) fields.push_back({"Rootlet-Total", text_at(head, "total")});
  return fields;
}

bool RowBody::finish_with(const Error&) {
  return false;
}

std::unique_ptr<RowBody> row_body(BodyOut& out, const ApiRequest& request) {
  if (request.form == BodyForm::kCsv) return std::make_unique<CsvRows>(out, request);
  if (request.form == BodyForm::kJsonLines) return std::make_unique<JsonLineRows>(out, request);
  if (request.form == BodyForm::kXlsx) return xlsx_body(out, request);
  return std::make_unique<JsonRows>(out, request);
}

std::unique_ptr<RowBody> search_body(BodyOut& out, const ApiRequest& request) {
  return std::make_unique<SearchRows>(out, request);
}

std::unique_ptr<RowBody> single_row_body(BodyOut& out, const ApiRequest& request) {
  return std::make_unique<SingleRow>(out, request);
}

http::Reply list_reply(const json::array& list, BodyForm form) {
  if (form == BodyForm::kCsv) return http::bytes_reply(200, kCsvType, to_bytes(list_csv(list)));
  std::string text;
  for (const json::value& one : list) text += json::serialize(one) + "\n";
  return http::bytes_reply(200, kLinesType, to_bytes(text));
}

std::string next_address(const ApiRequest& request, std::string_view cursor) {
  std::string address;
  for (const std::string& segment : request.path) address += "/" + percent_encode(segment);
  if (request.form == BodyForm::kCsv) address += ".csv";
  if (request.form == BodyForm::kJsonLines) address += ".ndjson";
  if (request.form == BodyForm::kXlsx) address += ".xlsx";
  address += "?after=" + std::string(cursor);
  for (const auto& [name, value] : request.parameters) {
    if (name == "after") continue;
    address += "&" + percent_encode(name) + "=" + percent_encode(value);
  }
  if (!request.has("purpose")) address += "&purpose=" + percent_encode(request.purpose);
  return address;
}

}  // namespace rootlet::agent
