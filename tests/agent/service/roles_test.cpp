// Who may call which command: roles by groups of the machine, refusals with a remedy and a ledger
// entry.
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/channel/role_groups.hpp"
#include "agent/ledger/ledger.hpp"
#include "tests/agent/office_world.hpp"
#include "tests/support/child.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

json::object query_args() {
  return {{"dataset", "roster"},
          {"purpose", "verification"},
          {"limit", 1},
          {"columns", json::array()},
          {"where", json::array()}};
}

json::object args_of(const std::string& command) {
  if (command == "query") return query_args();
  if (command == "ledger-list") return {{"limit", 0}};
  if (command == "verify") return {{"dataset", ""}};
  return {};
}

Result<json::object> call_as(OfficeWorld& world, Roles roles, const std::string& command) {
  Service service(world.context, world.scheduler, [] { return false; });
  KeepingSink sink;
  const Peer peer{.uid = 4711, .pid = 1, .user = "wang", .roles = roles};
  return service.handle({{"command", command}, {"args", args_of(command)}}, peer, sink);
}

std::vector<LedgerEntry> ledger_of(OfficeWorld& world) {
  Office office = world.open();
  Ledger ledger = must(Ledger::open(office.home(), office.keys()));
  must(ledger.verify());
  return must(ledger.list(0));
}

bool is_refused(const Result<json::object>& answer) {
  return answer.has_error() && answer.error().code == ErrorCode::kNoAccess;
}

}  // namespace

TEST_CASE("roles: each command answers those whose work it is, and refuses all others") {
  OfficeWorld world;
  struct Line {
    const char* command;
    bool clerk, operators, auditor;
  };
  for (const Line& line :
       {Line{"query", true, false, false}, Line{"reveal", true, false, false},
        Line{"forms", true, false, false}, Line{"ledger-list", false, false, true},
        Line{"ledger-verify", false, true, true}, Line{"doctor", false, true, false},
        Line{"verify", false, true, false}, Line{"status", true, true, true},
        Line{"datasets", true, true, true}}) {
    CAPTURE(line.command);
    CHECK(is_refused(call_as(world, Role::kClerk, line.command)) != line.clerk);
    CHECK(is_refused(call_as(world, Role::kOperator, line.command)) != line.operators);
    CHECK(is_refused(call_as(world, Role::kAuditor, line.command)) != line.auditor);
    CHECK(is_refused(call_as(world, {}, line.command)));
  }
}

TEST_CASE("roles: a refusal names group and command, and is in the ledger") {
  OfficeWorld world;
  const auto refused = call_as(world, Role::kOperator, "query");
  REQUIRE(is_refused(refused));
  CHECK(exit_code_of(refused.error().code) == 5);
  CHECK(refused.error().message.find("role clerk") != std::string::npos);
  CHECK(refused.error().hint.en.find("sudo usermod -aG rootlet-clerk wang") != std::string::npos);
  CHECK(refused.error().hint.zh.find("sudo usermod -aG rootlet-clerk wang") != std::string::npos);
  CHECK(is_refused(call_as(world, {}, "status")));
  const auto entries = ledger_of(world);
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].use.command == "query");
  CHECK(entries[1].use.user == "wang");
  CHECK(entries[1].use.dataset == "roster");
  CHECK(entries[1].use.purpose == "verification");
  CHECK(entries[1].use.outcome == "no_access");
  CHECK(entries[0].use.command == "status");
}

TEST_CASE("roles: a browser hears that it gets its role when it is paired") {
  OfficeWorld world;
  Service service(world.context, world.scheduler, [] { return false; });
  KeepingSink sink;
  const Peer paired{.uid = -1, .pid = -1, .user = "counter 3", .roles = Role::kClerk};
  const auto refused =
      service.handle({{"command", "ledger-list"}, {"args", args_of("ledger-list")}}, paired, sink);
  REQUIRE(is_refused(refused));
  CHECK(refused.error().hint.en.find("paired") != std::string::npos);
  CHECK(ledger_of(world)[0].use.user == "counter 3");
}

TEST_CASE("roles: groups of the account database, root, and the owner of the home") {
  const RoleGroups nobody{.clerk = "no-such-group", .operators = "", .auditor = ""};
  CHECK(roles_of(0, nobody) == Roles(Role::kOperator));
  CHECK(roles_of(kOtherUser, nobody).empty());
  CHECK(roles_of(-1, nobody).empty());
  CHECK(roles_of(999'999, nobody).empty());  // a uid without an account
  RoleGroups owned = nobody;
  owned.home_owner = 0;
  CHECK(roles_of(0, owned) == Roles::all());
  // The primary group of the other user is one of its groups.
  const struct group* own = ::getgrgid(kOtherUser);
  REQUIRE(own != nullptr);
  const std::string name = own->gr_name;
  CHECK(roles_of(kOtherUser, {.clerk = name, .operators = "", .auditor = name}) ==
        (Roles(Role::kClerk) | Role::kAuditor));
}

TEST_CASE("roles: the owner of a home holds all of them, root in another's home is an operator") {
  OfficeWorld world;
  CHECK(with_roles(own_peer(), world.context).roles == Roles::all());
  if (!is_root()) return;
  REQUIRE(::chown(world.context.home.folder().c_str(), kOtherUser, kOtherUser) == 0);
  CHECK(with_roles(own_peer(), world.context).roles == Roles(Role::kOperator));
}
