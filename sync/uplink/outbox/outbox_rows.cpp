// Reads rows. A row that this program wrote and cannot read is damage (kStorageDamaged), never an
// empty value: an empty-looking record would be sent, judged and lost.
#include "sync/uplink/outbox/outbox_rows.hpp"

namespace rootlet::outbox {
namespace {

Result<json::value> parse_stored(std::string_view text) {
  Result<json::value> value = parse_json(text, "outbox.db");
  if (value.has_error()) return fail(ErrorCode::kStorageDamaged, value.error().message);
  return value;
}

Result<json::object> parse_stored_object(std::string_view text) {
  ROOTLET_TRY(json::value value, parse_stored(text));
  if (!value.is_object()) return fail(ErrorCode::kStorageDamaged, "outbox.db: not an object");
  return std::move(value.get_object());
}

Result<std::vector<Objection>> parse_objections(std::string_view text) {
  std::vector<Objection> out;
  if (text.empty()) return out;
  ROOTLET_TRY(const json::value value, parse_stored(text));
  const json::array* items = value.if_array();
  if (items == nullptr) return fail(ErrorCode::kStorageDamaged, "outbox.db: not a list");
  for (const json::value& item : *items) {
    ROOTLET_TRY(JsonObject object, JsonObject::from(item, "outbox.db"));
    out.push_back({object.text_or("field", ""),
                   object.text_or("reason", ""),
                   {.en = object.text_or("en", ""), .zh = object.text_or("zh", "")}});
  }
  return out;
}

}  // namespace

std::string encode_objections(const std::vector<Objection>& objections) {
  json::array items;
  for (const Objection& each : objections) {
    items.push_back({{"field", each.field},
                     {"reason", each.reason},
                     {"zh", each.words.zh},
                     {"en", each.words.en}});
  }
  return json::serialize(items);
}

Result<RecordRow> read_row(const Statement& statement) {
  RecordRow row;
  row.record.id = statement.text(0);
  row.record.kind = statement.text(1);
  row.record.form = statement.text(2);
  row.record.form_version = static_cast<int>(statement.integer(3));
  row.record.at = time_of(statement.integer(4));
  row.record.attempt = static_cast<int>(statement.integer(5));
  const std::int64_t state = statement.integer(6);
  if (state < 0 || state >= kRecordStates) {
    return fail(ErrorCode::kStorageDamaged, "outbox.db: record " + row.record.id + " has no state");
  }
  row.state = static_cast<RecordState>(state);
  ROOTLET_TRY(row.record.values, parse_stored_object(statement.text(7)));
  ROOTLET_TRY(row.record.kept, parse_stored_object(statement.text(8)));
  row.saved_at = time_of(statement.integer(9));
  ROOTLET_TRY(row.objections, parse_objections(statement.text(10)));
  row.erased = statement.integer(11) != 0;
  row.chain = statement.text(12);
  row.sequence = static_cast<std::uint64_t>(statement.integer(13));
  row.judgement = statement.integer(14);
  row.held_bytes = static_cast<std::uint64_t>(statement.integer(15));
  return row;
}

Result<std::optional<RecordRow>> find_row(Database& database, const std::string& id) {
  ROOTLET_TRY(Statement statement, database.prepare("SELECT " + std::string(kRecordColumns) +
                                                    "FROM records WHERE id=?"));
  statement.bind_all(id);
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return std::optional<RecordRow>();
  ROOTLET_TRY(RecordRow row, read_row(statement));
  return std::optional<RecordRow>(std::move(row));
}

RecordSummary summary_of(const RecordRow& row) {
  return {.id = row.record.id,
          .kind = row.record.kind,
          .form = row.record.form,
          .state = row.state,
          .attempt = row.record.attempt,
          .at = row.record.at,
          .saved_at = row.saved_at,
          .objections = row.objections,
          .erased = row.erased,
          .held_bytes = row.held_bytes};
}

}  // namespace rootlet::outbox
