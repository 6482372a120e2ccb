// The outbox alone: which records may be saved, replaced, fixed and deleted, and what a reopened
// file still has.
#include "sync/uplink/outbox/outbox.hpp"

#include "core/limits.hpp"
#include "sync/uplink/outbox/push.hpp"
#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::code_of;
using test::must;

constexpr std::string_view kForm = R"json({
  "id": "visit", "version": 1, "title": "t", "purpose": "p", "basis": "b", "unit": "u",
  "contact": "c", "retention_days": 1, "fields": [
    {"name": "name", "type": "text", "required": true},
    {"name": "id_no", "type": "id_card"}]})json";

struct Scene {
  test::TempDir folder;
  SymmetricKey key = SymmetricKey::random();
  FormDefinition form = must(FormDefinition::parse(kForm, "form"));
  UnixTime now{std::chrono::seconds(1'795'000'000)};
  SigningKey signing = SigningKey::generate(), statement = SigningKey::generate();
  SealingKey sealing = SealingKey::generate(), ingest = SealingKey::generate();

  Outbox open() { return must(Outbox::open(folder / "outbox.db", key)); }
  UplinkIdentity identity() const {
    return {.realm = "r",
            .office = "o",
            .signing_key = &signing,
            .sealing_key = &sealing,
            .ingest_key = ingest.public_key,
            .receipt_keys = {statement.public_key},
            .judgement_keys = {statement.public_key}};
  }
};

Record named(std::string_view name, std::string id = "") {
  Record record;
  record.id = std::move(id);
  record.values = {{"name", name}};
  return record;
}

RecordState state_of(Outbox& outbox, const std::string& id) {
  return must(outbox.show(id)).summary.state;
}

TEST_CASE(
    "outbox: a record that breaks the form is not kept, and the error names the field in both "
    "languages") {
  Scene scene;
  Outbox outbox = scene.open();
  Record record = named("x");
  record.values["id_no"] = "110105194912310021";
  const Result<std::string> saved = outbox.save(scene.form, record, scene.now);
  REQUIRE(saved.has_error());
  CHECK(saved.error().code == ErrorCode::kBadInput);
  CHECK(saved.error().field == "id_no");
  CHECK(!saved.error().hint.zh.empty());
  CHECK(saved.error().message.find("110105") == std::string::npos);
  CHECK(must(outbox.list({})).empty());
}

TEST_CASE("outbox: saved values are normalised, and still there after reopening") {
  Scene scene;
  std::string id;
  {
    Outbox outbox = scene.open();
    Record record = named("  王小明 ");
    record.values["id_no"] = "11010519491231002x";
    id = must(outbox.save(scene.form, record, scene.now));
    CHECK(is_record_id(id));
  }
  Outbox outbox = scene.open();
  const RecordDetail detail = must(outbox.show(id));
  CHECK(detail.summary.state == RecordState::kSaved);
  CHECK(detail.record.values.at("name") == "王小明");
  CHECK(detail.record.values.at("id_no") == "11010519491231002X");
  CHECK(must(outbox.counts()).of(RecordState::kSaved) == 1);
}

TEST_CASE("outbox: another key does not open it") {
  Scene scene;
  scene.open();
  CHECK(code_of(Outbox::open(scene.folder / "outbox.db", SymmetricKey::random())) ==
        ErrorCode::kStorageDamaged);
}

TEST_CASE("outbox: drafts may be incomplete, can be saved under their id, and can be deleted") {
  Scene scene;
  Outbox outbox = scene.open();
  const std::string id = must(outbox.save_draft(scene.form, Record{}, scene.now));
  CHECK(state_of(outbox, id) == RecordState::kDraft);
  CHECK(must(outbox.seal_batches(scene.identity(), scene.now)) == 0);
  must(outbox.save(scene.form, named("x", id), scene.now));
  CHECK(state_of(outbox, id) == RecordState::kSaved);
  CHECK(code_of(outbox.save_draft(scene.form, named("y", id), scene.now)) == ErrorCode::kBadInput);
  CHECK(code_of(outbox.discard(id)) == ErrorCode::kBadInput);
  const std::string other = must(outbox.save_draft(scene.form, Record{}, scene.now));
  must(outbox.discard(other));
  CHECK(code_of(outbox.show(other)) == ErrorCode::kBadInput);
}

TEST_CASE("outbox: a sealed record cannot change; saving the same content again has no effect") {
  Scene scene;
  Outbox outbox = scene.open();
  const std::string id = must(outbox.save(scene.form, named("x"), scene.now));
  must(outbox.save(scene.form, named("y", id), scene.now));
  CHECK(must(outbox.seal_batches(scene.identity(), scene.now)) == 1);
  CHECK(must(outbox.save(scene.form, named("y", id), scene.now)) == id);
  CHECK(code_of(outbox.save(scene.form, named("z", id), scene.now)) == ErrorCode::kBadInput);
  CHECK(code_of(outbox.fix(scene.form, id, {{"name", "z"}}, {}, scene.now)) ==
        ErrorCode::kBadInput);
  CHECK(code_of(outbox.discard(id)) == ErrorCode::kBadInput);
  CHECK(must(outbox.show(id)).record.values.at("name") == "y");
}

TEST_CASE("outbox: a record over the size limit is rejected") {
  Scene scene;
  Outbox outbox = scene.open();
  Record record = named("x");
  record.values["filler"] = std::string(limits::kRecordBytes, 'x');
  CHECK(code_of(outbox.save_draft(scene.form, record, scene.now)) == ErrorCode::kBadInput);
  CHECK(code_of(outbox.save(scene.form, named("x", "no-id"), scene.now)) == ErrorCode::kBadInput);
}

TEST_CASE("outbox: batches have no gaps, each names the previous one, and their bytes are kept") {
  Scene scene;
  Hash256 previous{};
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    Outbox outbox = scene.open();
    must(outbox.save(scene.form, named("x"), scene.now));
    CHECK(must(outbox.seal_next_batch(scene.identity(), scene.now)) == 1);
    const PendingBatch batch = *must(outbox.next_pending());
    const EnvelopeHeader header = must(verify_envelope(batch.envelope, scene.signing.public_key));
    CHECK(header.sequence == sequence);
    CHECK(header.previous == previous);
    CHECK(header.chain == batch.chain);
    CHECK(must(scene.open().next_pending())->envelope == batch.envelope);
    previous = batch.hash;
    const BatchAnswer answer{.type = AnswerType::kReceived,
                             .realm = "r",
                             .office = "o",
                             .chain = batch.chain,
                             .sequence = sequence,
                             .batch = batch.hash,
                             .at = scene.now};
    must(outbox.apply_answer(scene.identity(), batch, sign_answer(answer, scene.statement)));
    CHECK(!must(outbox.next_pending()).has_value());
  }
}

class FailingLink final : public UplinkTransport {
 public:
  explicit FailingLink(int status) : status_(status) {}
  Result<UplinkResponse> post_batch(ByteView) override {
    return UplinkResponse{status_, to_bytes("<html>"), 77};
  }
  Result<UplinkResponse> fetch_mail(const std::string&, std::uint64_t) override {
    return UplinkResponse{status_, to_bytes("<html>"), 77};
  }

 private:
  int status_;
};

TEST_CASE("push: answers of a proxy and refusals give different errors, and no record changes") {
  Scene scene;
  Outbox outbox = scene.open();
  const std::string id = must(outbox.save(scene.form, named("x"), scene.now));
  const auto push_with = [&](int status) {
    FailingLink link(status);
    PushReport report;
    const Status done = push(outbox, scene.identity(), link, scene.now, report);
    REQUIRE(done.has_error());
    CHECK(report.batches_sent == 0);
    CHECK(state_of(outbox, id) == RecordState::kSealed);
    return done.error();
  };
  CHECK(push_with(503).code == ErrorCode::kUnreachable);
  CHECK(push_with(503).retry_after_seconds == 77);
  CHECK(push_with(502).code == ErrorCode::kUnreachable);
  CHECK(push_with(403).code == ErrorCode::kNotPermitted);
  CHECK(push_with(200).code == ErrorCode::kUntrusted);  // a login page with status 200
}

}  // namespace
}  // namespace rootlet
