// Records as JSON, strict in both directions. Rejects any deviation and names the field; never
// drops or changes part of a record.
#include "sync/uplink/exchange/record.hpp"

#include <algorithm>
#include <array>

#include "core/crypto.hpp"
#include "core/ids.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::array<std::string_view, kRecordStates> kStateNames = {
    "draft", "saved", "sealed", "received", "accepted", "returned"};
constexpr int kMostAttempts = 10'000;

Status read_identity(JsonObject& object, Record& record) {
  ROOTLET_TRY(record.id, object.text("id", 64));
  if (!is_record_id(record.id)) return object.error("id", "must be 32 hexadecimal digits");
  ROOTLET_TRY(record.kind, object.text("kind", limits::kNameBytes));
  ROOTLET_TRY(check_identifier(record.kind, object.path_of("kind")));
  ROOTLET_TRY(record.form, object.text("form", limits::kNameBytes));
  ROOTLET_TRY(check_identifier(record.form, object.path_of("form")));
  ROOTLET_TRY(const std::int64_t version, object.integer("form_version", 1, 1'000'000));
  record.form_version = static_cast<int>(version);
  ROOTLET_TRY(const std::int64_t attempt, object.integer("attempt", 1, kMostAttempts));
  record.attempt = static_cast<int>(attempt);
  return ok();
}

Result<json::object> object_of(JsonObject& object, std::string_view key) {
  const json::value* value = object.find(key);
  if (value == nullptr || !value->is_object()) return object.error(key, "must be an object");
  return value->get_object();
}

}  // namespace

std::string_view name_of(RecordState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

Result<RecordState> record_state_named(std::string_view name) {
  const auto found = std::find(kStateNames.begin(), kStateNames.end(), name);
  if (found == kStateNames.end()) {
    return bad_input("state must be draft, saved, sealed, received, accepted or returned", "state");
  }
  return static_cast<RecordState>(found - kStateNames.begin());
}

std::string new_record_id() {
  return to_hex(random_bytes(16));
}

bool is_record_id(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

json::object encode_record(const Record& record) {
  return {{"id", record.id},
          {"kind", record.kind},
          {"form", record.form},
          {"form_version", record.form_version},
          {"at", format_time(record.at)},
          {"values", record.values},
          {"attempt", record.attempt},
          {"kept", record.kept}};
}

Result<Record> parse_record(const json::value& value, std::string_view what) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, what));
  Record record;
  ROOTLET_TRY(read_identity(object, record));
  ROOTLET_TRY(const std::string at, object.text("at", 32));
  Result<UnixTime> time = parse_time(at);
  if (time.has_error()) return object.error("at", time.error().message);
  record.at = time.value();
  ROOTLET_TRY(record.values, object_of(object, "values"));
  ROOTLET_TRY(record.kept, object_of(object, "kept"));
  ROOTLET_TRY(object.finish());
  if (record_bytes(record) > limits::kRecordBytes) {
    return object.error("values", "make the record larger than kRecordBytes");
  }
  return record;
}

std::size_t record_bytes(const Record& record) {
  return json::serialize(encode_record(record)).size();
}

}  // namespace rootlet
