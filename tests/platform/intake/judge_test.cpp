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

struct Desk {
  TempDir folder;
  World world{folder.path()};
  Outbox outbox = world.open_outbox();
  Intake intake = world.open_intake();
  DirectLink link{world, intake};

  Desk() { world.forms.forms = {manual_form()}; }
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
  Desk desk;
  const std::string first = desk.waiting("a"), second = desk.waiting("b"),
                    third = desk.waiting("c");
  const auto outcomes = must(desk.judge(accepting({first, second})));
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[1].id == second);
  CHECK_FALSE(outcomes[1].was_already);
  desk.sync();
  CHECK(desk.state(first) == RecordState::kAccepted);
  CHECK(desk.state(second) == RecordState::kAccepted);
  CHECK(desk.state(third) == RecordState::kReceived);
  CHECK(must(desk.intake.counts()).waiting == 1);
}

TEST_CASE("judge: accepting again changes nothing, says so and sends no second mail") {
  Desk desk;
  const std::string id = desk.waiting("a");
  CHECK_FALSE(must(desk.judge(accepting({id, id})))[0].was_already);
  const std::size_t mails = desk.mails();
  CHECK(must(desk.judge(accepting({id})))[0].was_already);
  CHECK(desk.mails() == mails);
  desk.sync();
  CHECK(desk.state(id) == RecordState::kAccepted);
}

TEST_CASE("judge: one impossible record, and none of the command's records is decided") {
  Desk desk;
  const std::string waits = desk.waiting("a"), returned = desk.waiting("b");
  must(desk.judge(returning({returned}, kUnclear)));
  const std::size_t mails = desk.mails();
  CHECK(code_of(desk.judge(accepting({waits, returned}))) == ErrorCode::kBadInput);
  CHECK(code_of(desk.judge(accepting({waits, std::string(32, '0')}))) == ErrorCode::kBadInput);
  CHECK(must(desk.intake.show(waits)).state == IntakeState::kWaiting);
  CHECK(desk.mails() == mails);
}

TEST_CASE("judge: only a field of the record's form can be the reason of a return") {
  Desk desk;
  const std::string id = desk.waiting("a");
  Objection wrong = kUnclear;
  for (const char* field : {"nmae", "", "Name"}) {
    wrong.field = field;
    const auto refused = desk.judge(returning({id}, wrong));
    REQUIRE(refused.has_error());
    CHECK(refused.error().field == "field");
    CHECK(refused.error().hint.en.find("name, people, note") != std::string::npos);
  }
  CHECK(must(desk.intake.show(id)).state == IntakeState::kWaiting);
  must(desk.judge(returning({id}, kUnclear)));
  desk.sync();
  CHECK(desk.state(id) == RecordState::kReturned);
  CHECK(must(desk.outbox.show(id)).summary.objections[0].field == "name");
}

TEST_CASE("judge: a returned record waits again once its office has sent it again") {
  Desk desk;
  const std::string id = desk.waiting("a");
  must(desk.judge(returning({id}, kUnclear)));
  desk.sync();
  must(desk.outbox.fix(manual_form(), id, a_record("a b").values, {}, desk.world.now));
  desk.sync();
  CHECK_FALSE(must(desk.judge(accepting({id})))[0].was_already);
  desk.sync();
  CHECK(desk.state(id) == RecordState::kAccepted);
}

TEST_CASE("judge: a record that was accepted automatically cannot be returned") {
  Desk desk;
  desk.world.forms.forms = {visit_form()};
  const std::string id = desk.waiting("a");
  CHECK(must(desk.judge(accepting({id})))[0].was_already);
  CHECK(code_of(desk.judge(returning({id}, kUnclear))) == ErrorCode::kBadInput);
  CHECK(desk.state(id) == RecordState::kAccepted);
}

}  // namespace
}  // namespace rootlet::platform
