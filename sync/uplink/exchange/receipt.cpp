// Receipts and judgements as statements (docs/FORMATS.md, "Receipt"). Parsing is strict: this
// program never acts on a signed statement of unknown form.
#include "sync/uplink/exchange/receipt.hpp"

#include <algorithm>
#include <array>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::array<std::string_view, 3> kAnswerNames = {"received", "fork", "gap"};
constexpr std::size_t kWordsBytes = 512;

json::object encode_objection(const Objection& objection) {
  return {{"field", objection.field},
          {"reason", objection.reason},
          {"words", {{"zh", objection.words.zh}, {"en", objection.words.en}}}};
}

// The first objection is inline in the record, because most records have only one; the others
// follow in "more".
json::object encode_judged(const RecordJudgement& decided) {
  json::object out{{"id", decided.id},
                   {"attempt", decided.attempt},
                   {"state", decided.verdict == Verdict::kAccepted ? "accepted" : "returned"}};
  if (decided.objections.empty()) return out;
  for (auto& member : encode_objection(decided.objections.front())) out.insert(member);
  json::array more;
  for (std::size_t i = 1; i < decided.objections.size() && i < kMostObjections; ++i) {
    more.push_back(encode_objection(decided.objections[i]));
  }
  if (!more.empty()) out["more"] = std::move(more);
  return out;
}

Result<std::uint64_t> read_count(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(const std::int64_t number, object.integer(key, 1, INT64_MAX));
  return static_cast<std::uint64_t>(number);
}

Result<Hash256> read_hash(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(const std::string hex, object.text(key, 64));
  Result<Hash256> hash = hash_from_hex(hex);
  if (hash.has_error()) return object.error(key, "is not a hash");
  return hash;
}

Result<UnixTime> read_time(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(const std::string text, object.text(key, 32));
  Result<UnixTime> time = parse_time(text);
  if (time.has_error()) return object.error(key, time.error().message);
  return time;
}

template <typename Statement>
Status read_place(JsonObject& object, Statement& out) {
  ROOTLET_TRY(out.realm, object.text("realm", limits::kNameBytes));
  ROOTLET_TRY(out.office, object.text("office", limits::kNameBytes));
  ROOTLET_TRY(out.chain, object.text("line", limits::kNameBytes));
  return ok();
}

Result<BatchAnswer> read_answer(const json::value& statement) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(statement, "receipt"));
  ROOTLET_TRY(const std::string type, object.text("type", 32));
  const auto known = std::find(kAnswerNames.begin(), kAnswerNames.end(), type);
  if (known == kAnswerNames.end()) return object.error("type", "is not known");
  BatchAnswer answer;
  answer.type = static_cast<AnswerType>(known - kAnswerNames.begin());
  ROOTLET_TRY(read_place(object, answer));
  if (answer.type == AnswerType::kGap) {
    ROOTLET_TRY(answer.sequence, read_count(object, "next"));
  } else {
    ROOTLET_TRY(answer.sequence, read_count(object, "sequence"));
    ROOTLET_TRY(answer.batch, read_hash(object, "batch"));
  }
  ROOTLET_TRY(answer.at, read_time(object, "at"));
  ROOTLET_TRY(object.finish());
  return answer;
}

Result<Objection> read_objection(JsonObject& object) {
  Objection objection;
  ROOTLET_TRY(objection.field, object.text("field", kWordsBytes));
  ROOTLET_TRY(objection.reason, object.text("reason", limits::kNameBytes));
  ROOTLET_TRY(objection.words, object.both_languages("words"));
  return objection;
}

Status read_objections(JsonObject& object, RecordJudgement& decided) {
  ROOTLET_TRY(Objection first, read_objection(object));
  decided.objections.push_back(std::move(first));
  if (!object.has("more")) return ok();
  ROOTLET_TRY(const json::array* more, object.array("more", kMostObjections - 1));
  for (const json::value& value : *more) {
    ROOTLET_TRY(JsonObject inner, JsonObject::from(value, "judgement", "more"));
    ROOTLET_TRY(Objection objection, read_objection(inner));
    ROOTLET_TRY(inner.finish());
    decided.objections.push_back(std::move(objection));
  }
  return ok();
}

Result<RecordJudgement> read_judged(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "judgement", "records"));
  RecordJudgement decided;
  ROOTLET_TRY(decided.id, object.text("id", 64));
  if (!is_record_id(decided.id)) return object.error("id", "is no record id");
  ROOTLET_TRY(const std::int64_t attempt, object.integer("attempt", 1, 1'000'000));
  decided.attempt = static_cast<int>(attempt);
  ROOTLET_TRY(const std::string state, object.text("state", 32));
  if (state == "returned") {
    decided.verdict = Verdict::kReturned;
    ROOTLET_TRY(read_objections(object, decided));
  } else if (state != "accepted") {
    return object.error("state", "must be accepted or returned");
  }
  ROOTLET_TRY(object.finish());
  return decided;
}

Result<Judgement> read_judgement(const json::value& statement) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(statement, "judgement"));
  ROOTLET_TRY(const std::string type, object.text("type", 32));
  Judgement judgement;
  ROOTLET_TRY(read_place(object, judgement));
  ROOTLET_TRY(judgement.sequence, read_count(object, "sequence"));
  ROOTLET_TRY(judgement.batch, read_hash(object, "batch"));
  ROOTLET_TRY(judgement.at, read_time(object, "at"));
  if (type == "quarantined") {
    judgement.type = JudgementType::kQuarantined;
    ROOTLET_TRY(judgement.reason, object.text("reason", kWordsBytes));
  } else if (type == "judged") {
    ROOTLET_TRY(const json::array* records, object.array("records", limits::kBatchRecords));
    for (const json::value& value : *records) {
      ROOTLET_TRY(RecordJudgement decided, read_judged(value));
      judgement.records.push_back(std::move(decided));
    }
  } else {
    return object.error("type", "is not known");
  }
  ROOTLET_TRY(object.finish());
  return judgement;
}

// A signed statement of the wrong form is untrusted too.
template <typename T>
Result<T> as_untrusted(Result<T> result) {
  if (result.has_error()) return fail(ErrorCode::kUntrusted, result.error().message);
  return result;
}

Result<json::value> verify_with_any(std::string_view text, std::string_view domain,
                                    std::span<const PublicKey> keys) {
  Result<json::value> verified = fail(ErrorCode::kUntrusted, "statement: no key may sign it");
  for (const PublicKey& key : keys) {
    verified = verify_statement(text, domain, key);
    if (verified.has_value()) break;
  }
  return verified;
}

}  // namespace

std::string sign_answer(const BatchAnswer& answer, const SigningKey& receipt_key) {
  json::object out{{"type", kAnswerNames[static_cast<std::size_t>(answer.type)]},
                   {"realm", answer.realm},
                   {"office", answer.office},
                   {"line", answer.chain}};
  if (answer.type == AnswerType::kGap) {
    out["next"] = answer.sequence;
  } else {
    out["sequence"] = answer.sequence;
    out["batch"] = to_hex(answer.batch);
  }
  out["at"] = format_time(answer.at);
  return sign_statement(out, kReceiptDomain, receipt_key);
}

Result<BatchAnswer> read_unverified_answer(std::string_view text) {
  ROOTLET_TRY(const json::value outer, parse_json(text, "receipt"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(outer, "receipt"));
  ROOTLET_TRY(const std::string inner, object.text("signed", limits::kReceiptBytes));
  ROOTLET_TRY(const json::value statement, parse_json(inner, "receipt"));
  return read_answer(statement);
}

Result<BatchAnswer> verify_answer(std::string_view text, std::span<const PublicKey> keys) {
  ROOTLET_TRY(const json::value statement, verify_with_any(text, kReceiptDomain, keys));
  return as_untrusted(read_answer(statement));
}

std::string sign_judgement(const Judgement& judgement, const SigningKey& judgement_key) {
  const bool judged = judgement.type == JudgementType::kJudged;
  json::object out{{"type", judged ? "judged" : "quarantined"},
                   {"realm", judgement.realm},
                   {"office", judgement.office},
                   {"line", judgement.chain},
                   {"sequence", judgement.sequence},
                   {"batch", to_hex(judgement.batch)},
                   {"at", format_time(judgement.at)}};
  if (judged) {
    json::array records;
    for (const RecordJudgement& each : judgement.records) records.push_back(encode_judged(each));
    out["records"] = std::move(records);
  } else {
    out["reason"] = judgement.reason.substr(0, kWordsBytes);
  }
  return sign_statement(out, kJudgementDomain, judgement_key);
}

Result<Judgement> verify_judgement(std::string_view text, std::span<const PublicKey> keys) {
  ROOTLET_TRY(const json::value statement, verify_with_any(text, kJudgementDomain, keys));
  return as_untrusted(read_judgement(statement));
}

Result<json::value> verify_receipt_file(std::string_view text,
                                        std::span<const PublicKey> receipt_keys,
                                        std::span<const PublicKey> judgement_keys) {
  Result<json::value> receipt = verify_with_any(text, kReceiptDomain, receipt_keys);
  if (receipt.has_value()) return receipt;
  return verify_with_any(text, kJudgementDomain, judgement_keys);
}

}  // namespace rootlet
