// A person's decisions about records that wait: each is answered once, and a mistake decides none.
#include "tests/platform/intake/loopback.hpp"

namespace rootlet::platform {
namespace {

using namespace rootlet::test;

FormDefinition manual_form() {
  FormDefinition form = visit_form();
  form.review = Review::kManual;
  return form;
}

struct JudgeScene {
  TempDir folder;
  World world{folder.path()};
  Outbox outbox = world.open_outbox();
  Intake intake = world.open_intake();
  DirectLink link{world, intake};

  JudgeScene() { world.forms.forms = {manual_form()}; }
  std::string waiting(const std::string& name) {
    const std::string id = must(outbox.save(manual_form(), a_record(name), world.now));
    sync();
    return id;
  }
  void sync() { exchange(world, outbox, intake, link); }
  Result<std::vector<ManualOutcome>> judge(const ManualJudgement& judgement) {
    return intake.judge_records(judgement, world.offices, world.forms, world.now);
  }
  RecordState state(const std::string& id) { return must(outbox.show(id)).summary.state; }
  std::size_t mails() {
    return must(intake.mailbox(mailbox_address(world.office_signing.public_key), 0)).mail.size();
  }
};

const Objection kUnclear{"name", "unclear", {.en = "Who?", .zh = "谁？"}};

TEST_CASE("judge: several waiting records are accepted at once, and each office clerk sees it") {
  JudgeScene scene;
  const std::string first = scene.waiting("a"), second = scene.waiting("b"),
                    third = scene.waiting("c");
  const auto outcomes = must(scene.judge(accepting({first, second})));
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[1].id == second);
  CHECK_FALSE(outcomes[1].was_already);
  scene.sync();
  CHECK(scene.state(first) == RecordState::kAccepted);
  CHECK(scene.state(second) == RecordState::kAccepted);
  CHECK(scene.state(third) == RecordState::kReceived);
  CHECK(must(scene.intake.counts()).waiting == 1);
}

TEST_CASE("judge: accepting again changes nothing, says so and sends no second mail") {
  JudgeScene scene;
  const std::string id = scene.waiting("a");
  CHECK_FALSE(must(scene.judge(accepting({id, id})))[0].was_already);
  const std::size_t mails = scene.mails();
  CHECK(must(scene.judge(accepting({id})))[0].was_already);
  CHECK(scene.mails() == mails);
  scene.sync();
  CHECK(scene.state(id) == RecordState::kAccepted);
}

TEST_CASE("judge: the beginning of an id is enough; if several begin so, the message lists them") {
  JudgeScene scene;
  std::vector<std::string> ids;
  for (int i = 0; i < 17; ++i) ids.push_back(scene.waiting("a" + std::to_string(i)));
  std::sort(ids.begin(), ids.end());
  const std::string most = ids[3].substr(0, 31);
  CHECK(must(scene.intake.show(most)).record.id == ids[3]);
  CHECK(must(scene.judge(accepting({most})))[0].id == ids[3]);
  // Of seventeen ids at least two begin with the same of sixteen digits.
  std::string common;
  for (std::size_t i = 1; i < ids.size() && common.empty(); ++i) {
    if (ids[i][0] == ids[i - 1][0]) common = ids[i].substr(0, 1);
  }
  const auto several = scene.judge(accepting({common}));
  REQUIRE(code_of(several) == ErrorCode::kBadInput);
  CHECK(several.error().message == "several records begin with " + common);
  CHECK(several.error().hint.en.find("waiting") != std::string::npos);
  for (const char* wrong : {"", "zz", "g"}) {
    CHECK(code_of(scene.intake.show(wrong)) == ErrorCode::kBadInput);
  }
  CHECK(must(scene.intake.counts()).waiting == 16);
}

TEST_CASE("judge: one impossible record, and none of the command's records is decided") {
  JudgeScene scene;
  const std::string waits = scene.waiting("a"), returned = scene.waiting("b");
  must(scene.judge(returning({returned}, kUnclear)));
  const std::size_t mails = scene.mails();
  CHECK(code_of(scene.judge(accepting({waits, returned}))) == ErrorCode::kBadInput);
  CHECK(code_of(scene.judge(accepting({waits, std::string(32, '0')}))) == ErrorCode::kBadInput);
  CHECK(must(scene.intake.show(waits)).state == IntakeState::kWaiting);
  CHECK(scene.mails() == mails);
}

TEST_CASE("judge: only a field of the record's form can be the reason of a return") {
  JudgeScene scene;
  const std::string id = scene.waiting("a");
  Objection wrong = kUnclear;
  for (const char* field : {"nmae", "", "Name"}) {
    wrong.field = field;
    const auto refused = scene.judge(returning({id}, wrong));
    REQUIRE(refused.has_error());
    CHECK(refused.error().field == "field");
    CHECK(refused.error().hint.en.find("name, people, note") != std::string::npos);
  }
  CHECK(must(scene.intake.show(id)).state == IntakeState::kWaiting);
  must(scene.judge(returning({id}, kUnclear)));
  scene.sync();
  CHECK(scene.state(id) == RecordState::kReturned);
  CHECK(must(scene.outbox.show(id)).summary.objections[0].field == "name");
}

TEST_CASE("judge: a returned record waits again once its office has sent it again") {
  JudgeScene scene;
  const std::string id = scene.waiting("a");
  must(scene.judge(returning({id}, kUnclear)));
  scene.sync();
  must(scene.outbox.fix(manual_form(), id, a_record("a b").values, {}, scene.world.now));
  scene.sync();
  CHECK_FALSE(must(scene.judge(accepting({id})))[0].was_already);
  scene.sync();
  CHECK(scene.state(id) == RecordState::kAccepted);
}

TEST_CASE("judge: a record that was accepted automatically cannot be returned") {
  JudgeScene scene;
  scene.world.forms.forms = {visit_form()};
  const std::string id = scene.waiting("a");
  CHECK(must(scene.judge(accepting({id})))[0].was_already);
  CHECK(code_of(scene.judge(returning({id}, kUnclear))) == ErrorCode::kBadInput);
  CHECK(scene.state(id) == RecordState::kAccepted);
}

}  // namespace
}  // namespace rootlet::platform
