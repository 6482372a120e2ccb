// The fact "ledger_gaps" of keys.db: a JSON list.
#include "agent/ledger/ledger_gaps.hpp"

#include "core/format/json.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kFact = "ledger_gaps";

Result<LedgerGap> parse_gap(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "keys.db: ledger gap"));
  LedgerGap gap;
  ROOTLET_TRY(gap.first, object.integer("first", 1, INT64_MAX));
  ROOTLET_TRY(gap.last, object.integer("last", 1, INT64_MAX));
  ROOTLET_TRY(const std::string hash, object.text("hash"));
  ROOTLET_TRY(const Bytes bytes, from_hex(hash));
  gap.hash = hash_from_bytes(bytes).value_or(Hash256{});
  ROOTLET_TRY(const std::string noted, object.text("noted"));
  ROOTLET_TRY(gap.noted, parse_time(noted));
  if (!object.has("accepted")) return gap;
  ROOTLET_TRY(const std::string accepted, object.text("accepted"));
  ROOTLET_TRY(gap.accepted, parse_time(accepted));
  ROOTLET_TRY(gap.accepted_by, object.text("accepted_by"));
  return gap;
}

}  // namespace

Result<std::vector<LedgerGap>> load_ledger_gaps(KeyStore& keys) {
  std::vector<LedgerGap> gaps;
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(kFact));
  if (!text) return gaps;
  ROOTLET_TRY(const json::value list, parse_json(as_text(*text), "keys.db: ledger gaps"));
  if (!list.is_array()) return fail(ErrorCode::kStorageDamaged, "keys.db: ledger gaps: no list");
  for (const json::value& one : list.get_array()) {
    ROOTLET_TRY(LedgerGap gap, parse_gap(one));
    gaps.push_back(std::move(gap));
  }
  return gaps;
}

Status save_ledger_gaps(KeyStore& keys, const std::vector<LedgerGap>& gaps) {
  json::array list;
  for (const LedgerGap& gap : gaps) list.push_back(to_json(gap));
  return keys.save_fact(kFact, as_bytes(json::serialize(list)));
}

json::object to_json(const LedgerGap& gap) {
  json::object out{{"first", gap.first},
                   {"last", gap.last},
                   {"hash", to_hex(gap.hash)},
                   {"noted", format_time(gap.noted)}};
  if (gap.is_accepted()) {
    out["accepted"] = format_time(gap.accepted);
    out["accepted_by"] = gap.accepted_by;
  }
  return out;
}

}  // namespace rootlet::agent
