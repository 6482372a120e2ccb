// Grant files as JSON. The platform signed and sealed them, so a mistake in one is a forgery or
// comes from an incompatible platform: both are rejected whole.
#include "sync/trust/office/grant.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "core/format/json.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kGrants = 4096;   // datasets of one office
constexpr std::size_t kKeys = 100'000;  // divisions x grades x epochs; kEnvelopeBytes bounds it too
constexpr std::size_t kDivisions = 4096;  // prefixes of one grant
constexpr std::size_t kPurposes = 256;
constexpr std::size_t kRemarkBytes = 4096;  // basis, scenario, approver
constexpr int kLongestLeaseDays = 3650;
constexpr std::size_t kRecordIdBytes = 32;

json::object encode_grant(const Grant& grant) {
  json::object out{{"dataset", grant.dataset},
                   {"divisions", json::value_from(grant.divisions)},
                   {"max_grade", grant.max_grade},
                   {"basis", grant.basis},
                   {"scenario", grant.scenario},
                   {"purposes", json::value_from(grant.purposes)},
                   {"mode", grant.mode},
                   {"until", format_time(grant.until)},
                   {"lease_days", grant.lease_days},
                   {"export", grant.may_export},
                   {"approver", grant.approver}};
  if (!grant.join.empty()) out["join"] = json::value_from(grant.join);
  if (grant.emergency) {
    out["emergency"] = json::object{{"reason", grant.emergency->reason},
                                    {"since", format_time(grant.emergency->since)}};
  }
  if (grant.caps.rows > 0) out["max_rows"] = grant.caps.rows;
  if (grant.caps.exports > 0) out["max_exports"] = grant.caps.exports;
  return out;
}

json::object encode_key(const ContentKey& key) {
  return {{"division", key.stream.text()},
          {"grade", key.grade},
          {"epoch", key.epoch},
          {"key", to_base64(key.key.expose())}};
}

Result<Grade> read_grade(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(const std::int64_t grade, object.integer(key, 1, 4));
  return static_cast<Grade>(grade);
}

Result<UnixTime> read_time(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(const std::string text, object.text(key));
  Result<UnixTime> time = parse_time(text);
  if (time.has_error()) return object.error(key, time.error().message);
  return time;
}

Status read_emergency(JsonObject& object, Grant& grant) {
  if (!object.has("emergency")) return ok();
  ROOTLET_TRY(JsonObject inner, object.object("emergency"));
  Emergency emergency;
  ROOTLET_TRY(emergency.reason, inner.text("reason", kRemarkBytes));
  ROOTLET_TRY(emergency.since, read_time(inner, "since"));
  ROOTLET_TRY(inner.finish());
  if (grant.until > emergency.since + kEmergencyLife) {
    return object.error("until", "is later than an emergency grant may last");
  }
  grant.emergency = std::move(emergency);
  return ok();
}

Status read_caps(JsonObject& object, GrantCaps& caps) {
  if (object.has("max_rows")) {
    ROOTLET_TRY(caps.rows, object.integer("max_rows", 1, kLargestCaps.rows));
  }
  if (object.has("max_exports")) {
    ROOTLET_TRY(caps.exports, object.integer("max_exports", 1, kLargestCaps.exports));
  }
  return ok();
}

bool is_mode(std::string_view mode) {
  return mode == kModeFull || mode == kModeMasked || mode == kModeVerify || mode == kModeNone;
}

Status read_permission(JsonObject& object, Grant& grant) {
  ROOTLET_TRY(grant.basis, object.text("basis", kRemarkBytes));
  ROOTLET_TRY(grant.scenario, object.text("scenario", kRemarkBytes));
  ROOTLET_TRY(grant.purposes, object.texts("purposes", kPurposes));
  ROOTLET_TRY(grant.mode, object.text("mode"));
  if (!is_mode(grant.mode)) {
    return object.error("mode", "must be full, masked, verify or none");
  }
  ROOTLET_TRY(grant.until, read_time(object, "until"));
  ROOTLET_TRY(const std::int64_t days, object.integer("lease_days", 1, kLongestLeaseDays));
  grant.lease_days = static_cast<int>(days);
  ROOTLET_TRY(grant.may_export, object.boolean("export"));
  ROOTLET_TRY(grant.approver, object.text("approver", kRemarkBytes));
  ROOTLET_TRY(read_emergency(object, grant));
  ROOTLET_TRY(read_caps(object, grant.caps));
  if (object.has("join")) {
    ROOTLET_TRY(grant.join, object.texts("join", kGrants));
  }
  for (const std::string& dataset : grant.join) {
    ROOTLET_TRY(check_identifier(dataset, object.path_of("join")));
  }
  return ok();
}

Result<Grant> parse_grant(const json::value& value, const std::string& path) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "grant file", path));
  Grant grant;
  ROOTLET_TRY(grant.dataset, object.text("dataset"));
  ROOTLET_TRY(check_identifier(grant.dataset, object.path_of("dataset")));
  ROOTLET_TRY(grant.divisions, object.texts("divisions", kDivisions));
  for (const std::string& division : grant.divisions) {
    ROOTLET_TRY(check_division(division, object.path_of("divisions")));
  }
  ROOTLET_TRY(grant.max_grade, read_grade(object, "max_grade"));
  ROOTLET_TRY(read_permission(object, grant));
  ROOTLET_TRY(object.finish());
  return grant;
}

Result<ContentKey> parse_key(const json::value& value, const std::string& path) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "grant file", path));
  ROOTLET_TRY(const std::string division, object.text("division"));
  ContentKey key;
  ROOTLET_TRY(key.stream, StreamName::parse(division));
  ROOTLET_TRY(key.grade, read_grade(object, "grade"));
  ROOTLET_TRY(const std::int64_t epoch,
              object.integer("epoch", 1, std::numeric_limits<std::uint32_t>::max()));
  key.epoch = static_cast<std::uint32_t>(epoch);
  ROOTLET_TRY(Bytes bytes, object.base64("key", 32));
  ROOTLET_TRY(key.key, SymmetricKey::from(bytes));
  sodium_memzero(bytes.data(), bytes.size());
  ROOTLET_TRY(object.finish());
  return key;
}

Status read_grants(JsonObject& object, GrantFile& file) {
  ROOTLET_TRY(const json::array* grants, object.array("grants", kGrants));
  std::set<std::string> seen;
  for (const json::value& value : *grants) {
    const std::string path = "grants[" + std::to_string(file.grants.size()) + "]";
    ROOTLET_TRY(Grant grant, parse_grant(value, path));
    if (!seen.insert(grant.dataset).second) return object.error("grants", "name a dataset twice");
    file.grants.push_back(std::move(grant));
  }
  return ok();
}

Status read_keys(JsonObject& object, GrantFile& file) {
  ROOTLET_TRY(const json::array* keys, object.array("keys", kKeys));
  std::set<std::tuple<StreamName, Grade, std::uint32_t>> seen;
  for (const json::value& value : *keys) {
    const std::string path = "keys[" + std::to_string(file.keys.size()) + "]";
    ROOTLET_TRY(ContentKey key, parse_key(value, path));
    if (!seen.emplace(key.stream, key.grade, key.epoch).second) {
      return object.error("keys", "name a division, grade and epoch twice");
    }
    file.keys.push_back(std::move(key));
  }
  return ok();
}

// Keys open no more than the grants name: a grade, a division or a dataset beyond them is refused.
Status check_keys(const JsonObject& object, const GrantFile& file) {
  for (std::size_t i = 0; i < file.keys.size(); ++i) {
    const ContentKey& key = file.keys[i];
    const Grant* grant = file.for_dataset(key.stream.dataset);
    const bool is_named = grant != nullptr && key.grade <= grant->opened_grade() &&
                          grant_covers(*grant, key.stream.partition);
    if (is_named) continue;
    return object.error("keys[" + std::to_string(i) + "]", "opens more than its grants name");
  }
  return ok();
}

Result<GrantFile> parse_strictly(std::string_view text) {
  ROOTLET_TRY(const json::value document, parse_json(text, "grant file"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "grant file"));
  GrantFile file;
  ROOTLET_TRY(file.office, object.text("office"));
  ROOTLET_TRY(check_identifier(file.office, "office"));
  ROOTLET_TRY(const std::int64_t version,
              object.integer("version", 1, std::numeric_limits<std::int64_t>::max()));
  file.version = static_cast<std::uint64_t>(version);
  ROOTLET_TRY(file.issued, read_time(object, "issued"));
  ROOTLET_TRY(file.suspended, object.boolean("suspended"));
  if (object.has("revoked")) {
    ROOTLET_TRY(file.revoked, object.boolean("revoked"));
  }
  if (object.has("settled_loss")) {
    ROOTLET_TRY(file.settled_loss, object.text("settled_loss", kRecordIdBytes));
  }
  ROOTLET_TRY(read_grants(object, file));
  ROOTLET_TRY(read_keys(object, file));
  ROOTLET_TRY(check_keys(object, file));
  ROOTLET_TRY(file.directory_keys, read_directory_keys(object, "directory_keys"));
  ROOTLET_TRY(object.finish());
  return file;
}

}  // namespace

const Grant* GrantFile::for_dataset(std::string_view dataset) const {
  const auto found = std::find_if(grants.begin(), grants.end(),
                                  [&](const Grant& grant) { return grant.dataset == dataset; });
  return found != grants.end() ? &*found : nullptr;
}

const Grant* GrantFile::landing(std::string_view dataset) const {
  const Grant* grant = for_dataset(dataset);
  return grant != nullptr && grant->lands() ? grant : nullptr;
}

std::string encode_grant_file(const GrantFile& file) {
  json::array grants, keys;
  for (const Grant& grant : file.grants) grants.push_back(encode_grant(grant));
  for (const ContentKey& key : file.keys) keys.push_back(encode_key(key));
  json::object out{{"office", file.office},
                   {"version", file.version},
                   {"issued", format_time(file.issued)},
                   {"suspended", file.suspended},
                   {"grants", std::move(grants)},
                   {"keys", std::move(keys)},
                   {"directory_keys", encode_directory_keys(file.directory_keys)}};
  if (file.revoked) out["revoked"] = true;
  if (!file.settled_loss.empty()) out["settled_loss"] = file.settled_loss;
  return json::serialize(out);
}

Result<GrantFile> parse_grant_file(std::string_view text) {
  Result<GrantFile> file = parse_strictly(text);
  // Keeps the message, but the remedy is not "correct your input": the file is not trusted.
  if (file.has_error()) return fail(ErrorCode::kUntrusted, file.error().message);
  return file;
}

bool may_join(const Grant& a, const Grant& b) {
  const auto names = [](const Grant& one, const std::string& other) {
    return std::find(one.join.begin(), one.join.end(), other) != one.join.end();
  };
  return a.dataset == b.dataset || (names(a, b.dataset) && names(b, a.dataset));
}

bool grant_covers(const Grant& grant, std::string_view partition) {
  return std::any_of(
      grant.divisions.begin(), grant.divisions.end(),
      [&](const std::string& division) { return division_covers(division, partition); });
}

}  // namespace rootlet
