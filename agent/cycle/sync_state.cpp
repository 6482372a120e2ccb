#include "agent/cycle/sync_state.hpp"

#include "core/format/json.hpp"

namespace rootlet::agent {

Result<json::value> load_report(KeyStore& keys, std::string_view name) {
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(name));
  if (!text) return json::value(nullptr);
  return parse_json(as_text(*text), "keys.db: report");
}

Status save_report(KeyStore& keys, std::string_view name, const json::object& report) {
  return keys.save_fact(name, as_bytes(json::serialize(report)));
}

}  // namespace rootlet::agent
