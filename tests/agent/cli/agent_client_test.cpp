// A command without a daemon: the home's owner works in it, anybody else hears how to start it.
#include "agent/cli/agent_client.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "core/file/owner.hpp"
#include "tests/support/child.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

class NoSink final : public AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
};

}  // namespace

TEST_CASE("agent client: without a daemon another user hears which command starts it") {
  if (!is_root()) return;
  const TempDir folder;
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  const FakeClock clock;
  AgentContext context{.home = Home(folder / "home"), .settings = {}, .clock = &clock, .boot = "b"};
  context.settings.home = folder / "home";
  context.settings.socket = folder / "none.sock";
  must(context.home.prepare());
  const std::string said = in_child([&]() -> std::string {
    if (::setuid(kOtherUser) != 0) return "no setuid";
    NoSink sink;
    return words_of(AgentClient(context).call("status", {}, sink));
  });
  CHECK(said.find("does not run") != std::string::npos);
  CHECK(said.find("Start it: rootlet --home " + (folder / "home").string()) != std::string::npos);
}
