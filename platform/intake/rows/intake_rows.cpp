// Rows of records.db, and the digest of a record's content. Runs inside the caller's transaction
// and never commits.
#include "platform/intake/rows/intake_rows.hpp"

#include <algorithm>
#include <array>

#include "core/limits.hpp"
#include "storage/row_values.hpp"
#include "sync/uplink/exchange/record.hpp"
#include "sync/uplink/form/kinds.hpp"

namespace rootlet::platform {
namespace {

constexpr std::array<std::string_view, 3> kStateNames = {"waiting", "accepted", "returned"};

}  // namespace

std::string_view name_of(IntakeState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

Result<IntakeState> intake_state_named(std::string_view name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<IntakeState>(i);
  }
  return bad_input("state must be waiting, accepted or returned", "state");
}

namespace intake {
namespace {

constexpr std::size_t kCandidates = 5;  // shown when an id's beginning is not enough

Error damaged(std::string_view detail) {
  return fail(ErrorCode::kStorageDamaged, "records.db: " + std::string(detail));
}

Result<json::value> parse_stored(std::string_view text) {
  Result<json::value> value = parse_json(text, "records.db");
  if (value.has_error()) return damaged(value.error().message);
  return value;
}

Result<json::object> parse_stored_object(std::string_view text) {
  ROOTLET_TRY(json::value value, parse_stored(text));
  if (!value.is_object()) return damaged("not an object");
  return std::move(value.get_object());
}

std::string encode_objections(const std::vector<Objection>& objections) {
  json::array items;
  for (const Objection& each : objections) {
    items.push_back({{"field", each.field},
                     {"reason", each.reason},
                     {"words", {{"zh", each.words.zh}, {"en", each.words.en}}}});
  }
  return json::serialize(items);
}

Result<std::vector<Objection>> parse_objections(std::string_view text) {
  ROOTLET_TRY(const json::value value, parse_stored(text));
  std::vector<Objection> out;
  if (!value.is_array()) return damaged("not a list");
  for (const json::value& item : value.get_array()) {
    ROOTLET_TRY(JsonObject object, JsonObject::from(item, "records.db"));
    Objection objection{object.text_or("field", ""), object.text_or("reason", ""), {}};
    ROOTLET_TRY(objection.words, object.both_languages("words"));
    out.push_back(std::move(objection));
  }
  return out;
}

}  // namespace

Result<StoredRecord> read_stored(const Statement& statement) {
  StoredRecord stored;
  IntakeRecord& intake = stored.intake;
  stored.number = statement.integer(0);
  intake.office = statement.text(1);
  intake.record.id = statement.text(2);
  intake.record.attempt = static_cast<int>(statement.integer(3));
  intake.record.kind = statement.text(4);
  intake.record.form = statement.text(5);
  intake.record.form_version = static_cast<int>(statement.integer(6));
  intake.record.at = time_of(statement.integer(7));
  ROOTLET_TRY(intake.record.values, parse_stored_object(statement.text(8)));
  ROOTLET_TRY(intake.record.kept, parse_stored_object(statement.text(9)));
  ROOTLET_TRY(stored.digest, read_hash(statement, 10, "records.db"));
  const std::int64_t state = statement.integer(11);
  if (state < 0 || state > 2) return damaged("a record has no state");
  intake.state = static_cast<IntakeState>(state);
  ROOTLET_TRY(intake.objections, parse_objections(statement.text(12)));
  intake.chain = statement.text(13);
  intake.sequence = static_cast<std::uint64_t>(statement.integer(14));
  ROOTLET_TRY(stored.batch, read_hash(statement, 15, "records.db"));
  intake.received_at = time_of(statement.integer(16));
  intake.judged_at = time_of(statement.integer(17));
  return stored;
}

Result<std::vector<StoredRecord>> find_records(Store& records, const std::string& id) {
  ROOTLET_TRY(Statement statement, records.prepare("SELECT " + std::string(kStoredColumns) +
                                                   "FROM records WHERE id=? ORDER BY office"));
  statement.bind_all(id);
  std::vector<StoredRecord> found;
  while (true) {
    ROOTLET_TRY(const bool more, statement.step());
    if (!more) return found;
    ROOTLET_TRY(StoredRecord stored, read_stored(statement));
    found.push_back(std::move(stored));
  }
}

Result<std::optional<FormDefinition>> form_of(FormDirectory& forms, const Record& record) {
  if (record.kind == kCollection) return forms.find_form(record.form, record.form_version);
  const FormDefinition* builtin = builtin_form(record.kind);
  if (builtin == nullptr || builtin->id != record.form) return std::optional<FormDefinition>();
  return std::optional<FormDefinition>(*builtin);
}

Judgement judgement_of(const IntakeKeys& keys, const BatchName& batch, UnixTime now) {
  Judgement judgement;
  judgement.realm = keys.realm;
  judgement.office = batch.office;
  judgement.chain = batch.chain;
  judgement.sequence = batch.sequence;
  judgement.batch = batch.hash;
  judgement.at = now;
  return judgement;
}

namespace {

// An id that records of one or several offices have.
struct Candidate {
  std::string id, form, offices;
  IntakeState state = IntakeState::kWaiting;  // of the first office
  UnixTime received_at{};
};

std::string line_about(const Candidate& one) {
  return one.id + "  " + one.form + "  " + one.offices + "  " + std::string(name_of(one.state)) +
         "  " + format_time(one.received_at);
}

// Ids that begin with `given`; one more than are shown.
Result<std::vector<Candidate>> candidates_for(Store& records, std::string_view given) {
  ROOTLET_TRY(
      Statement select,
      records.prepare("SELECT id, form, office, state, received_at FROM records WHERE id IN "
                      "(SELECT DISTINCT id FROM records WHERE id BETWEEN ?1 AND ?1||'g' "
                      "ORDER BY id LIMIT ?2) ORDER BY id, office"));
  select.bind_all(given, kCandidates + 1);
  std::vector<Candidate> found;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return found;
    if (!found.empty() && found.back().id == select.text(0)) {
      found.back().offices.append(",").append(select.text(2));
      continue;
    }
    found.push_back({.id = text_at(select, 0),
                     .form = text_at(select, 1),
                     .offices = text_at(select, 2),
                     .state = static_cast<IntakeState>(select.integer(3)),
                     .received_at = time_at(select, 4)});
  }
}

}  // namespace

Result<std::string> find_record_id(Store& records, std::string given) {
  if (is_record_id(given)) return given;
  for (char& c : given) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const bool may_begin_id =
      !given.empty() && given.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!may_begin_id) {
    return bad_input(
        "'" + given.substr(0, 64) + "' is not the beginning of a record's id", "id",
        {.en = "An id has digits and the letters a to f.", .zh = "编号由数字和字母 a 至 f 组成。"});
  }
  ROOTLET_TRY(const std::vector<Candidate> candidates, candidates_for(records, given));
  std::string lines;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    lines += (i == 0 ? "" : "\n  ") + (i < kCandidates ? line_about(candidates[i]) : "…");
  }
  if (candidates.size() == 1) return candidates.front().id;
  if (candidates.size() > 1) {
    return bad_input("several records begin with " + given, "id", {.en = lines, .zh = lines});
  }
  return bad_input("there is no record " + given, "id",
                   {.en = "No record's id begins so: `rootlet-platform inbox list` shows them.",
                    .zh = "没有以此开头的记录编号：请用 rootlet-platform inbox list 查看。"});
}

void add_record(NewRows& rows, const StoredRecord& stored) {
  const IntakeRecord& intake = stored.intake;
  const Record& record = intake.record;
  rows.add(intake.office, record.id, record.attempt, record.kind, record.form, record.form_version,
           seconds_of(record.at), json::serialize(record.values), json::serialize(record.kept),
           ByteView(stored.digest), intake.state, encode_objections(intake.objections),
           intake.chain, intake.sequence, ByteView(stored.batch), seconds_of(intake.received_at),
           seconds_of(intake.judged_at));
}

Status replace_record(Store& records, const StoredRecord& stored) {
  const IntakeRecord& intake = stored.intake;
  const Record& record = intake.record;
  ROOTLET_TRY(Statement statement,
              records.prepare("UPDATE records SET attempt=?, kind=?, form=?, form_version=?, at=?,"
                              " content=?, kept=?, digest=?, state=?, objections=?, line=?,"
                              " sequence=?, batch=?, received_at=?, judged_at=? WHERE office=? AND"
                              " id=?"));
  statement.bind_all(record.attempt, record.kind, record.form, record.form_version,
                     seconds_of(record.at), json::serialize(record.values),
                     json::serialize(record.kept), ByteView(stored.digest), intake.state,
                     encode_objections(intake.objections), intake.chain, intake.sequence,
                     ByteView(stored.batch), seconds_of(intake.received_at),
                     seconds_of(intake.judged_at), intake.office, record.id);
  return statement.run();
}

Hash256 digest_of(const Record& record) {
  // The order of members is not part of a record's content.
  const auto sorted = [](const json::object& object) {
    std::vector<std::pair<std::string, std::string>> members;
    for (const auto& member : object) {
      members.emplace_back(std::string(member.key()), json::serialize(member.value()));
    }
    std::sort(members.begin(), members.end());
    return members;
  };
  ByteWriter out;
  for (const std::string* name : {&record.kind, &record.form}) out.sized(as_bytes(*name));
  for (const json::object* object : {&record.values, &record.kept}) {
    const auto members = sorted(*object);
    out.varint(members.size());
    for (const auto& [name, value] : members) {
      out.sized(as_bytes(name));
      out.sized(as_bytes(value));
    }
  }
  return blake2b(out.view());
}

}  // namespace intake
}  // namespace rootlet::platform
