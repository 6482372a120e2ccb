// Batches, receipts and mailbox pages as bytes: they parse back as encoded, and everything else is
// rejected.
#include "sync/uplink/exchange/batch.hpp"

#include <zstd.h>

#include "core/limits.hpp"
#include "sync/uplink/exchange/mailbox.hpp"
#include "sync/uplink/exchange/receipt.hpp"
#include "sync/uplink/form/kinds.hpp"
#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::code_of;
using test::must;

Record a_record() {
  Record record;
  record.id = new_record_id();
  record.form = "visit";
  record.form_version = 3;
  record.at = must(parse_time("2026-11-21T08:00:00Z"));
  record.values = {{"name", "王小明\n\"二\""}, {"people", 3}, {"warm", true}};
  record.kept = {{"village", {{"dataset", "roster"}, {"version", 7}}}};
  record.attempt = 2;
  return record;
}

Bytes compressed(std::string_view text) {
  Bytes out(ZSTD_compressBound(text.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

TEST_CASE("batch: records read back as they were written") {
  const Record record = a_record();
  const Bytes payload =
      encode_batch({.office = "xinfeng", .chain = "ab", .sequence = 9, .records = {record}});
  const ParsedBatch batch = must(parse_batch(payload));
  CHECK(batch.office == "xinfeng");
  CHECK(batch.chain == "ab");
  CHECK(batch.sequence == 9);
  REQUIRE(batch.items.size() == 1);
  REQUIRE(batch.items[0].record.has_value());
  CHECK(encode_record(*batch.items[0].record) == encode_record(record));
}

TEST_CASE("batch: the directories that the office saw go along, up to a bound") {
  std::vector<SeenDirectory> seen;
  for (std::int64_t version = 1; version <= 64; ++version) {
    seen.push_back({.version = version, .hash = sha256(as_bytes(std::to_string(version)))});
  }
  BatchContent content{
      .office = "o", .chain = "l", .sequence = 1, .seen = seen, .records = {a_record()}};
  CHECK(must(parse_batch(encode_batch(content))).seen == seen);
  content.seen.push_back({.version = 65, .hash = {}});
  CHECK(code_of(parse_batch(encode_batch(content))) == ErrorCode::kBadInput);
  content.seen = {{.version = 0, .hash = {}}};
  CHECK(code_of(parse_batch(encode_batch(content))) == ErrorCode::kBadInput);
}

TEST_CASE("batch: the streams that the office holds go along, up to a bound") {
  std::vector<HeldVersion> held;
  for (Version version = 1; version <= kHeldVersions; ++version) {
    held.push_back({.stream = {"villages", std::to_string(330'000 + version)},
                    .version = version,
                    .rows = 7,
                    .digest = "0123456789abcdef"});
  }
  held[0] = {.stream = {"villages", "all"}, .version = 0, .rows = 0, .digest = {}};
  BatchContent content{
      .office = "o", .chain = "l", .sequence = 1, .held = held, .records = {a_record()}};
  CHECK(must(parse_batch(encode_batch(content))).held == held);
  content.held.push_back(held.back());
  CHECK(code_of(parse_batch(encode_batch(content))) == ErrorCode::kBadInput);
  for (const char* wrong : {"", "xyz", "0123456789abcdef0"}) {
    content.held = {{.stream = {"villages", "33"}, .version = 1, .rows = 1, .digest = wrong}};
    CHECK(parse_batch(encode_batch(content)).has_error() == (std::string_view(wrong) != ""));
  }
  content.held = {{.stream = {"../x", "33"}, .version = 1, .rows = 1, .digest = ""}};
  CHECK(code_of(parse_batch(encode_batch(content))) == ErrorCode::kBadInput);
}

TEST_CASE("batch: an unreadable record keeps its id and does not delay the others") {
  json::object bad = encode_record(a_record());
  bad["form"] = "NO FORM";
  const json::object good = encode_record(a_record());
  const std::string text = json::serialize(json::object{
      {"office", "o"}, {"line", "l"}, {"sequence", 1}, {"records", json::array{bad, good}}});
  const ParsedBatch batch = must(parse_batch(compressed(text)));
  REQUIRE(batch.items.size() == 2);
  CHECK(batch.items[0].id == bad.at("id").as_string());
  CHECK(batch.items[0].attempt == 2);
  CHECK(!batch.items[0].record.has_value());
  CHECK(!batch.items[0].flaw.empty());
  CHECK(batch.items[1].record.has_value());
}

TEST_CASE("batch: other bytes, an oversized batch and records without ids are rejected") {
  const auto refused = [](ByteView payload) {
    CHECK(code_of(parse_batch(payload)) == ErrorCode::kBadInput);
  };
  const json::object good = encode_record(a_record());
  const auto text = [&](json::array records) {
    return json::serialize(json::object{
        {"office", "o"}, {"line", "l"}, {"sequence", 1}, {"records", std::move(records)}});
  };
  must(parse_batch(compressed(text({good}))));
  refused({});
  refused(as_bytes("no zstd"));
  refused(compressed("{}"));
  refused(compressed("[]"));
  refused(compressed(text({})));
  refused(compressed(text({1})));
  refused(compressed(text({good, good})));
  json::object nameless = good;
  nameless.erase("id");
  refused(compressed(text({nameless})));
  json::array many;
  for (std::size_t i = 0; i <= limits::kBatchRecords; ++i)
    many.push_back(encode_record(a_record()));
  refused(compressed(text(many)));
  Bytes cut = compressed(text({good}));
  cut.pop_back();
  refused(cut);
  // A decompression bomb: a few kilobytes that expand to a hundred megabytes.
  refused(compressed(std::string(100 * limits::kMiB, ' ')));
}

TEST_CASE("batch: a frame with a wrong declared size is rejected") {
  Bytes bomb = compressed(std::string(200'000, ' '));
  // The content size of this frame has 4 bytes, after the magic and one descriptor byte.
  REQUIRE(ZSTD_getFrameContentSize(bomb.data(), bomb.size()) == 200'000);
  bomb[5] = 10;
  bomb[6] = bomb[7] = bomb[8] = 0;
  CHECK(code_of(parse_batch(bomb)) == ErrorCode::kBadInput);
}

TEST_CASE("batch: the plan fills batches within the limits and sends suspect records alone") {
  using Waiting = std::vector<WaitingRecord>;
  CHECK(plan_batch({}) == 0);
  CHECK(plan_batch(Waiting{{"a", 10}, {"b", 10}}) == 2);
  CHECK(plan_batch(Waiting(1000, {"a", 10})) == limits::kBatchRecords);
  CHECK(plan_batch(Waiting(10, {"a", 400 * limits::kKiB}), limits::kBatchBytes) == 2);
  CHECK(plan_batch(Waiting(10, {"a", 60 * limits::kKiB})) == 2);
  CHECK(plan_batch(Waiting{{"a", 10, true}, {"b", 10}}) == 1);
  CHECK(plan_batch(Waiting{{"a", 10}, {"b", 10, true}, {"c", 10}}) == 1);
  // The largest allowed record always fits.
  CHECK(plan_batch(Waiting{{"a", limits::kRecordBytes}}) == 1);
}

TEST_CASE("batch: the largest planned batch can be encoded") {
  std::vector<Record> records;
  std::vector<WaitingRecord> waiting;
  while (true) {
    Record record = a_record();
    record.values["note"] = to_hex(random_bytes(2'000));
    waiting.push_back({record.id, record_bytes(record)});
    records.push_back(record);
    if (plan_batch(waiting, limits::kBatchBytes) < waiting.size()) break;
  }
  records.pop_back();
  const Bytes payload =
      encode_batch({.office = "o", .chain = "l", .sequence = 1, .records = records});
  CHECK(must(parse_batch(payload)).items.size() == records.size());
}

TEST_CASE("record: parsing is strict") {
  const auto refused = [](std::string_view key, json::value value, std::string_view field) {
    json::object object = encode_record(a_record());
    object[key] = std::move(value);
    const Result<Record> record = parse_record(object, "record");
    CAPTURE(key);
    REQUIRE(record.has_error());
    CHECK(record.error().field == field);
  };
  must(parse_record(encode_record(a_record()), "record"));
  refused("id", "12", "id");
  refused("id", "GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG", "id");
  refused("kind", "", "kind");
  refused("form", "../x", "form");
  refused("form_version", 0, "form_version");
  refused("attempt", 0, "attempt");
  refused("at", "yesterday", "at");
  refused("values", 1, "values");
  refused("kept", nullptr, "kept");
  refused("colour", "red", "colour");
  refused("values", json::object{{"note", std::string(limits::kRecordBytes, 'x')}}, "values");
}

TEST_CASE("receipt: answers and judgements verify only unchanged and under their own key") {
  const SigningKey key = SigningKey::generate(), other = SigningKey::generate();
  for (const AnswerType type : {AnswerType::kReceived, AnswerType::kFork, AnswerType::kGap}) {
    BatchAnswer answer{.type = type,
                       .realm = "r",
                       .office = "o",
                       .chain = "l",
                       .sequence = 5,
                       .batch = blake2b({}),
                       .at = must(parse_time("2026-11-21T08:00:00Z"))};
    const std::string text = sign_answer(answer, key);
    const BatchAnswer read = must(verify_answer(text, std::vector{key.public_key}));
    CHECK(read.type == type);
    CHECK(read.sequence == 5);
    CHECK(read.at == answer.at);
    if (type != AnswerType::kGap) CHECK(read.batch == answer.batch);
    CHECK(code_of(verify_answer(text, std::vector{other.public_key})) == ErrorCode::kUntrusted);
    CHECK(code_of(verify_judgement(text, std::vector{key.public_key})) == ErrorCode::kUntrusted);
    CHECK(must(verify_receipt_file(text, std::vector{key.public_key}, std::vector{key.public_key}))
              .at("office") == "o");
  }
}

TEST_CASE("receipt: a judgement carries every record with its objections") {
  const SigningKey key = SigningKey::generate();
  Judgement judgement{.realm = "r",
                      .office = "o",
                      .chain = "l",
                      .sequence = 5,
                      .batch = blake2b({}),
                      .at = must(parse_time("2026-11-21T08:00:00Z")),
                      .reason = "",
                      .records = {}};
  judgement.records.push_back({.id = new_record_id(), .attempt = 1});
  judgement.records.push_back({.id = new_record_id(),
                               .attempt = 3,
                               .verdict = Verdict::kReturned,
                               .objections = {{"name", "required", {.en = "a", .zh = "甲"}},
                                              {"people", "range", {.en = "b", .zh = "乙"}}}});
  const Judgement read =
      must(verify_judgement(sign_judgement(judgement, key), std::vector{key.public_key}));
  REQUIRE(read.records.size() == 2);
  CHECK(read.records[0].verdict == Verdict::kAccepted);
  CHECK(read.records[1].attempt == 3);
  REQUIRE(read.records[1].objections.size() == 2);
  CHECK(read.records[1].objections[1].field == "people");
  CHECK(read.records[1].objections[1].words.zh == "乙");

  judgement.type = JudgementType::kQuarantined;
  judgement.reason = "does not open";
  const Judgement quarantine =
      must(verify_judgement(sign_judgement(judgement, key), std::vector{key.public_key}));
  CHECK(quarantine.type == JudgementType::kQuarantined);
  CHECK(quarantine.reason == "does not open");
  CHECK(quarantine.records.empty());
}

TEST_CASE("receipt: a signed statement of the wrong form is rejected") {
  const SigningKey key = SigningKey::generate();
  const auto refused = [&](json::object statement) {
    CHECK(code_of(verify_answer(sign_statement(statement, kReceiptDomain, key),
                                std::vector{key.public_key})) == ErrorCode::kUntrusted);
    CHECK(code_of(verify_judgement(sign_statement(statement, kJudgementDomain, key),
                                   std::vector{key.public_key})) == ErrorCode::kUntrusted);
  };
  refused({});
  refused({{"type", "perhaps"}});
  refused({{"type", "received"}, {"realm", "r"}});
  refused({{"type", "judged"}, {"realm", "r"}, {"records", 1}});
}

TEST_CASE("mailbox: addresses are stable and unguessable, and pages parse back") {
  const SigningKey key = SigningKey::from_seed(SymmetricKey());
  const std::string address = mailbox_address(key.public_key);
  CHECK(is_mailbox_address(address));
  CHECK(address == mailbox_address(key.public_key));
  CHECK(address != mailbox_address(SigningKey::generate().public_key));
  CHECK(!is_mailbox_address("../" + address.substr(3)));

  MailPage page{.mail = {{4, to_bytes("a")}, {5, to_bytes("b")}}, .more = true, .seen = "ab"};
  const MailPage read = must(parse_mail_page(encode_mail_page(page)));
  REQUIRE(read.mail.size() == 2);
  CHECK(read.mail[1].sequence == 5);
  CHECK(as_text(read.mail[1].envelope) == "b");
  CHECK(read.more);
  CHECK(read.seen == "ab");
  std::swap(page.mail[0], page.mail[1]);
  CHECK(code_of(parse_mail_page(encode_mail_page(page))) == ErrorCode::kUntrusted);
  CHECK(code_of(parse_mail_page("{}")) == ErrorCode::kUntrusted);
  CHECK(code_of(parse_mail_page("")) == ErrorCode::kUntrusted);
}

TEST_CASE("kinds: the built-in forms exist and validate like any other") {
  for (const char* kind : {"correction", "request", "disposal", "incident"}) {
    REQUIRE(builtin_form(kind) != nullptr);
    CHECK(builtin_form(kind)->id == kind);
  }
  CHECK(builtin_form("collection") == nullptr);
  CHECK(validate_values(*builtin_form("disposal"),
                        {{"dataset", "villages"},
                         {"rows", 12},
                         {"disposed_at", "2026-11-21T08:00:00Z"},
                         {"reason", "lease_ended"}},
                        {})
            .empty());
  CHECK(validate_values(*builtin_form("correction"), {}, {}).size() == 5);
}

}  // namespace
}  // namespace rootlet
