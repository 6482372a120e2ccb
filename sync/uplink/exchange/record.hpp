// One record that an office collected, in its travel form: a form's values under an id that never
// changes, however often it is sent (docs/FORMATS.md, "Batch"). Strict parsing. Pure.
#pragma once

#include <string>

#include "core/clock.hpp"
#include "core/format/json.hpp"

namespace rootlet {

// Life of a record, always visible: draft -> saved -> sealed -> received -> accepted | returned.
enum class RecordState { kDraft, kSaved, kSealed, kReceived, kAccepted, kReturned };
inline constexpr int kRecordStates = 6;
std::string_view name_of(RecordState state);
Result<RecordState> record_state_named(std::string_view name);  // kBadInput

struct Record {
  std::string id;                   // 32 hexadecimal digits, chosen once by the office
  std::string kind = "collection";  // collection, correction, request, disposal, incident
  std::string form;
  int form_version = 1;
  UnixTime at{};  // when it was filled in, by the office's clock
  json::object values = {};
  json::object kept = {};  // field -> source of its unchanged value
  int attempt = 1;         // +1 each time a returned record is fixed
};

std::string new_record_id();
bool is_record_id(std::string_view text);

json::object encode_record(const Record& record);
// kBadInput names the field. Bounds: names, attempt, and limits::kRecordBytes for the whole.
Result<Record> parse_record(const json::value& value, std::string_view what);
// The size of the record in a batch.
std::size_t record_bytes(const Record& record);

}  // namespace rootlet
