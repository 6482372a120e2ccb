// Reads records one by one: an office has few that wait.
#include "agent/records/own_records.hpp"

#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

json::object field_json(std::string_view name, const std::string& text, const SearchMatch& match) {
  return {{"name", name},
          {"text", text},
          {"begin", match.begin},
          {"end", match.end},
          {"pinyin", match.is_pinyin}};
}

// The fields that match. Empty unless each word matches one.
json::array matching_fields(const SearchQuery& query, const json::object& values) {
  json::array fields;
  for (const SearchWord& word : query.words) {
    bool is_there = false;
    for (const auto& [name, value] : values) {
      const std::string text = text_of(value);
      const std::optional<SearchMatch> match =
          match_word(word, search_text(text, limits::kSearchedCharacters), query.sounds);
      if (!match) continue;
      is_there = true;
      fields.push_back(field_json(name, text, *match));
    }
    if (!is_there) return {};
  }
  return fields;
}

json::object record_json(const RecordSummary& summary, json::array fields) {
  const Text words{.en = "own record, not yet accepted", .zh = "本单位记录，尚未采纳"};
  return {{"id", summary.id},
          {"kind", summary.kind},
          {"form", summary.form},
          {"state", name_of(summary.state)},
          {"at", format_time(summary.at)},
          {"subject", summary.subject},
          {"words", to_json(words)},
          {"fields", std::move(fields)}};
}

}  // namespace

Result<json::object> find_own_records(Outbox& outbox, const SearchQuery& query) {
  json::array records;
  bool more = false;
  ROOTLET_TRY(const bool all,
              outbox.visit_not_accepted(limits::kSearchedRecords, [&](const RecordSummary& summary,
                                                                      const json::object& values) {
                json::array fields = matching_fields(query, values);
                if (fields.empty()) return true;
                more = records.size() == limits::kFoundRecords;
                if (!more) records.push_back(record_json(summary, std::move(fields)));
                return !more;
              }));
  return json::object{{"records", std::move(records)}, {"more", more || !all}};
}

}  // namespace rootlet::agent
