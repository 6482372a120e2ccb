// What doctor says of the daemon. The other checks are in service_test.cpp.
#include "agent/service/doctor.hpp"

#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

json::object daemon_check(const json::object& findings) {
  for (const json::value& value : array_at(findings, "checks")) {
    if (text_at(value.get_object(), "name") == "daemon") return value.get_object();
  }
  FAIL("no check of the daemon");
  return {};
}

std::string advice_in(const json::object& check, const char* language) {
  return text_at(check.at("advice").get_object(), language);
}

}  // namespace

TEST_CASE(
    "doctor: an enrolled home without a daemon is wrong, and the command that starts it is named") {
  const OfficeWorld world;
  const std::string command = "rootlet --home " + world.context.home.folder().string() + " run";
  for (const DaemonState state : {DaemonState::kNotRunning, DaemonState::kSilent}) {
    const json::object findings = run_doctor(world.context, state);
    CHECK_FALSE(boolean_at(findings, "healthy"));
    CHECK(integer_at(findings, "exit_code") != 0);
    const json::object check = daemon_check(findings);
    CHECK(text_at(check, "state") == "wrong");
    CHECK(advice_in(check, "en").find(command) != std::string::npos);
    CHECK(advice_in(check, "zh").find(command) != std::string::npos);
  }
  const json::object running = daemon_check(run_doctor(world.context, DaemonState::kRunning));
  CHECK(text_at(running, "state") == "ok");
}

TEST_CASE("doctor: before enrolment a missing daemon is no fault") {
  const TempDir folder;
  const FakeClock clock;
  const AgentContext context{
      .home = Home(folder / "home"), .settings = {}, .clock = &clock, .boot = "b"};
  const json::object findings = run_doctor(context, DaemonState::kNotRunning);
  CHECK(boolean_at(findings, "healthy"));
  CHECK(text_at(daemon_check(findings), "state") == "note");
}
