#include "agent/export/provenance_line.hpp"

#include "config/output/local_time.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

std::string local_time(const json::object& object, std::string_view key) {
  return with_local_times(text_at(object, key));
}

}  // namespace

std::string provenance_line(const json::object& provenance, Language language) {
  if (text_at(provenance, "dataset").empty()) return "";  // SQL that reads no table
  const bool zh = language == Language::kChinese;
  std::string line = text_at(provenance, "title", language);
  line += " · " + text_at(object_at(provenance, "provider"), "name", language);
  if (boolean_at(provenance, "covers_no_data")) {
    line += zh ? " · 此授权目前不含任何数据" : " · this grant covers no data yet";
  } else if (integer_at(provenance, "streams") == 0) {
    line += zh ? " · 数据尚未到达" : " · no data has arrived yet";
  } else {
    line += (zh ? " · 版本 " : " · version ") + text_at(provenance, "version");
    line += (zh ? " · 截至 " : " · as of ") + local_time(provenance, "as_of");
  }
  line += (zh ? " · 租期至 " : " · lease until ") + local_time(provenance, "lease_until");
  if (boolean_at(provenance, "emergency")) line += zh ? " · 应急授权" : " · emergency grant";
  if (boolean_at(provenance, "damaged")) {
    line += zh ? " · 部分数据与签名不一致，下次同步修复"
               : " · damaged in part, the next sync repairs it";
  }
  if (boolean_at(provenance, "stale")) line += zh ? " · 可能过时" : " · may be stale";
  return line;
}

}  // namespace rootlet::agent
