// A record's life over real files: saved, sealed, received, accepted or returned, fixed, accepted.
#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "sync/uplink/form/kinds.hpp"
#include "tests/platform/intake/loopback.hpp"

namespace rootlet::platform {
namespace {

using namespace rootlet::test;

struct Scene {
  TempDir folder;
  World world{folder.path()};
  Outbox outbox = world.open_outbox();
  Intake intake = world.open_intake();
  DirectLink link{world, intake};

  std::string save(const std::string& name, std::int64_t people = 3) {
    return must(outbox.save(loose_visit_form(), a_record(name, people), world.now));
  }
  Result<std::vector<ManualOutcome>> judge(const ManualJudgement& judgement) {
    return intake.judge_records(judgement, world.offices, world.forms, world.now);
  }
  RecordState state(const std::string& id) { return must(outbox.show(id)).summary.state; }
};

TEST_CASE("life: saved, sealed, received, accepted, each visible as the record's state") {
  Scene scene;
  const std::string id = scene.save("王小明");
  CHECK(scene.state(id) == RecordState::kSaved);
  must(scene.outbox.seal_next_batch(scene.world.identity(), scene.world.now));
  CHECK(scene.state(id) == RecordState::kSealed);

  PushReport report;
  must(push_batches(scene.outbox, scene.world.identity(), scene.link, scene.world.now, report));
  CHECK(report.batches_sent == 1);
  CHECK(scene.state(id) == RecordState::kReceived);
  CHECK(must(scene.intake.counts()).batches_waiting == 1);
  // A received record is not judged yet: nobody opens the batch before validate() runs.
  CHECK(must(scene.intake.list({})).records.empty());

  const ValidationReport judged =
      must(scene.intake.validate_pending(scene.world.offices, scene.world.forms, scene.world.now));
  CHECK(judged.accepted == 1);
  CHECK(scene.state(id) == RecordState::kReceived);
  must(read_mailbox(scene.outbox, scene.world.identity(), scene.link, report));
  CHECK(report.accepted == 1);

  const RecordDetail detail = must(scene.outbox.show(id));
  CHECK(detail.summary.state == RecordState::kAccepted);
  CHECK(must(verify_answer(detail.receipt, std::vector{scene.world.statement_key.public_key}))
            .chain == detail.chain);
  CHECK(
      must(verify_receipt_file(detail.judgement, std::vector{scene.world.statement_key.public_key},
                               std::vector{scene.world.statement_key.public_key}))
          .at("type") == "judged");
  const IntakeRecord upstream = must(scene.intake.show(id));
  CHECK(upstream.record.values == detail.record.values);
  CHECK(upstream.office == "xinfeng");
}

TEST_CASE("life: the gateway's file never holds a value in the clear, even inside the database") {
  Scene scene;
  if (!test_database(scene.world.path("")).empty()) return;  // no file of ours
  scene.save("a very particular name");
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  for (const Bytes& bytes : scene.link.sent) {
    CHECK(as_text(bytes).find("particular") == std::string_view::npos);
  }
  for (const char* file : {"outbox.db", "outbox.db-wal", "inbox.db-wal", "records.db-wal"}) {
    const Bytes raw = must(read_file(scene.world.path(file), 64 * limits::kMiB));
    CAPTURE(file);
    CHECK(!raw.empty());
    CHECK(as_text(raw).find("particular") == std::string_view::npos);
    CHECK(as_text(raw).find("records") == std::string_view::npos);
  }
}

TEST_CASE("life: one bad record is returned with field and text, its neighbours are accepted") {
  Scene scene;
  const std::string good = scene.save("good"), bad = scene.save("bad", 101),
                    also = scene.save("also good");
  const PushReport report = exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(report.accepted == 2);
  CHECK(report.returned == 1);
  CHECK(scene.state(good) == RecordState::kAccepted);
  CHECK(scene.state(also) == RecordState::kAccepted);
  const RecordDetail detail = must(scene.outbox.show(bad));
  CHECK(detail.summary.state == RecordState::kReturned);
  REQUIRE(detail.summary.objections.size() == 1);
  CHECK(detail.summary.objections[0].field == "people");
  CHECK(detail.summary.objections[0].reason == "range");
  CHECK(detail.summary.objections[0].words.zh == "应在0到100之间。");

  // Fixed under the same id, it replaces the returned one.
  must(scene.outbox.fix(visit_form(), bad, {{"name", "bad"}, {"people", 10}}, {}, scene.world.now));
  CHECK(scene.state(bad) == RecordState::kSaved);
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(bad) == RecordState::kAccepted);
  const IntakeRecord upstream = must(scene.intake.show(bad));
  CHECK(upstream.record.attempt == 2);
  CHECK(upstream.record.values.at("people") == 10);
  CHECK(must(scene.intake.list({})).records.size() == 3);
}

TEST_CASE("life: after a lost answer the second sending gets the same receipt") {
  Scene scene;
  const std::string id = scene.save("x");
  scene.link.lose_answers = 1;
  PushReport report;
  const Status lost =
      push_batches(scene.outbox, scene.world.identity(), scene.link, scene.world.now, report);
  CHECK(code_of(lost) == ErrorCode::kUnreachable);
  CHECK(scene.state(id) == RecordState::kSealed);
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kAccepted);
  REQUIRE(scene.link.sent.size() == 2);
  CHECK(scene.link.sent[0] == scene.link.sent[1]);
  const GatewayAnswer again = scene.intake.accept_batch(
      scene.link.sent[0], scene.world.offices, scene.world.now + std::chrono::hours(9'000));
  CHECK(again.status == 200);
  CHECK(again.body == must(scene.outbox.show(id)).receipt);
  CHECK(must(scene.intake.list({})).records.size() == 1);
}

TEST_CASE("life: after a long time without a link records go up in a few full batches") {
  Scene scene;
  for (std::size_t i = 0; i < limits::kBatchRecords + 20; ++i) scene.save(std::to_string(i));
  scene.link.down = true;
  for (int cycle = 0; cycle < 5; ++cycle) {
    PushReport report;
    CHECK(code_of(push(scene.outbox, scene.world.identity(), scene.link, scene.world.now,
                       report)) == ErrorCode::kUnreachable);
  }
  const OutboxCounts counts = must(scene.outbox.counts());
  CHECK(counts.of(RecordState::kSealed) == static_cast<std::int64_t>(limits::kBatchRecords));
  CHECK(counts.of(RecordState::kSaved) == 20);
  scene.link.down = false;
  const PushReport report = exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(report.batches_sent == 2);
  CHECK(report.accepted == limits::kBatchRecords + 20);
}

TEST_CASE("life: batches of the largest records stay below the limit") {
  Scene scene;
  std::mt19937_64 random(7);
  for (int i = 0; i < 120; ++i) {
    std::string noise;
    for (int c = 0; c < 15'000; ++c) noise.push_back(static_cast<char>('!' + random() % 90));
    Record record = a_record(std::to_string(i));
    record.values["note"] = noise;
    must(scene.outbox.save(visit_form(), record, scene.world.now));
  }
  const PushReport report = exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(report.accepted == 120);
  CHECK(report.batches_sent >= 2);
  for (const Bytes& envelope : scene.link.sent) CHECK(envelope.size() <= limits::kBatchBytes);
}

TEST_CASE("life: a manual form waits for a person, whose decision reaches the office") {
  Scene scene;
  Record correction;
  correction.kind = "correction";
  correction.values = {{"dataset", "villages"}, {"row_key", "330482100001"},
                       {"column", "name"},      {"version", 7},
                       {"value", "新名"},       {"reason", "accuracy"}};
  const FormDefinition& form = *builtin_form("correction");
  const std::string id = must(scene.outbox.save(form, correction, scene.world.now));
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kReceived);
  CHECK(must(scene.intake.counts()).waiting == 1);

  const Objection objection{"value", "evidence", {.en = "Attach the decree.", .zh = "请附批文。"}};
  CHECK_FALSE(must(scene.judge(returning({id}, objection)))[0].was_already);
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kReturned);
  CHECK(must(scene.outbox.show(id)).summary.objections[0].words.zh == "请附批文。");

  correction.values["note"] = "decree 12";
  must(scene.outbox.fix(form, id, correction.values, {}, scene.world.now));
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kReceived);
  CHECK_FALSE(must(scene.judge(accepting({id})))[0].was_already);
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kAccepted);
}

TEST_CASE("life: of two signed judgements about a record the later one counts") {
  Scene scene;
  const std::string id = scene.save("x");
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  Judgement later = must(verify_judgement(must(scene.outbox.show(id)).judgement,
                                          std::vector{scene.world.statement_key.public_key}));
  later.records.at(0).verdict = Verdict::kReturned;
  later.records.at(0).objections = {{"name", "unclear", {.en = "Who?", .zh = "谁？"}}};
  must(scene.intake.send_mail("xinfeng", sign_judgement(later, scene.world.statement_key),
                              scene.world.offices, scene.world.now));
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kReturned);
  // Reading the mailbox again from its start ends in the same state.
  must(scene.outbox.restart_mailbox());
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kReturned);
}

TEST_CASE("life: a judgement counts by the order of mail, not by the platform's clock") {
  Scene scene;
  const std::string id = scene.save("x");
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  Judgement later = must(verify_judgement(must(scene.outbox.show(id)).judgement,
                                          std::vector{scene.world.statement_key.public_key}));
  later.at -= std::chrono::days(10);  // the platform's clock had been fast, and is right again
  later.records.at(0).verdict = Verdict::kReturned;
  later.records.at(0).objections = {{"name", "unclear", {.en = "Who?", .zh = "谁？"}}};
  must(scene.intake.send_mail("xinfeng", sign_judgement(later, scene.world.statement_key),
                              scene.world.offices, scene.world.now));
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kReturned);
}

TEST_CASE("life: a platform whose clock is years slow erases no accepted value early") {
  Scene scene;
  const UnixTime now = scene.world.now;
  const std::string id = scene.save("x");
  scene.world.now -= std::chrono::days(4000);
  PushReport report;
  must(push_batches(scene.outbox, scene.world.identity(), scene.link, now, report));
  must(scene.intake.validate_pending(scene.world.offices, scene.world.forms, scene.world.now));
  must(read_mailbox(scene.outbox, scene.world.identity(), scene.link, report, now));
  REQUIRE(scene.state(id) == RecordState::kAccepted);
  CHECK(must(scene.outbox.erase_expired(now + std::chrono::days(29))) == 0);
  CHECK(must(scene.outbox.erase_expired(now + std::chrono::days(31))) == 1);
}

TEST_CASE("life: a record of a form that the platform does not have is returned with that reason") {
  Scene scene;
  scene.world.forms.forms.clear();
  const std::string id = scene.save("x");
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(must(scene.outbox.show(id)).summary.objections.at(0).reason == "unknown_form");
}

TEST_CASE("life: after the retention only accepted values are erased") {
  Scene scene;
  const std::string done = scene.save("done"), bad = scene.save("bad", 999);
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  const std::string waiting = scene.save("waiting");
  CHECK(must(scene.outbox.erase_expired(scene.world.now + std::chrono::days(29))) == 0);
  CHECK(must(scene.outbox.erase_expired(scene.world.now + std::chrono::days(31))) == 1);
  CHECK(must(scene.outbox.show(done)).record.values.empty());
  CHECK(must(scene.outbox.show(done)).summary.erased);
  CHECK(!must(scene.outbox.show(done)).receipt.empty());
  CHECK(must(scene.outbox.show(bad)).record.values.at("name") == "bad");
  CHECK(must(scene.outbox.show(waiting)).record.values.at("name") == "waiting");
}

TEST_CASE("life: signed mail of an unknown type is kept and delays nothing") {
  Scene scene;
  const std::string id = scene.save("x");
  const std::string order = sign_statement(json::object{{"type", "dispose"}}, "rootlet order v1",
                                           scene.world.statement_key);
  must(scene.intake.send_mail("xinfeng", order, scene.world.offices, scene.world.now));
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(scene.state(id) == RecordState::kAccepted);
  const std::vector<Mail> other = must(scene.outbox.other_mail());
  REQUIRE(other.size() == 1);
  CHECK(as_text(other[0].envelope) == order);
  must(scene.outbox.forget_other_mail(other[0].sequence));
  CHECK(must(scene.outbox.other_mail()).empty());
}

TEST_CASE("life: the views filter by office, form and state, page by page") {
  Scene scene;
  for (int i = 0; i < 5; ++i) scene.save(std::to_string(i), i == 2 ? 500 : i);
  exchange(scene.world, scene.outbox, scene.intake, scene.link);
  CHECK(must(scene.intake.list({.office = "xinfeng"})).records.size() == 5);
  CHECK(must(scene.intake.list({.office = "other"})).records.empty());
  CHECK(must(scene.intake.list({.form = "visit"})).records.size() == 5);
  CHECK(must(scene.intake.list({.state = IntakeState::kReturned})).records.size() == 1);
  const IntakePage first = must(scene.intake.list({.limit = 3}));
  CHECK(first.records.size() == 3);
  CHECK(must(scene.intake.list({.limit = 3, .after = first.last})).records.size() == 2);
  CHECK(code_of(scene.intake.show("zz")) == ErrorCode::kBadInput);

  CHECK(must(scene.outbox.list({.state = RecordState::kReturned})).size() == 1);
  const auto page = must(scene.outbox.list({.limit = 2}));
  REQUIRE(page.size() == 2);
  CHECK(must(scene.outbox.list({.limit = 10, .after = page.back().id})).size() == 3);
}

}  // namespace
}  // namespace rootlet::platform
