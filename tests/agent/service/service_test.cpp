// The answers of commands: rows with provenance, refusals with a reason, and a ledger entry for
// each.
#include <algorithm>

#include "agent/reading/ledger.hpp"
#include "core/format/json_values.hpp"
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

json::object query(json::object more = {}) {
  json::object args{{"dataset", "roster"},
                    {"purpose", "verification"},
                    {"limit", 50},
                    {"columns", json::array()},
                    {"where", json::array()}};
  for (const auto& member : more) args[member.key()] = member.value();
  return args;
}

json::object show(const std::string& key) {
  return {{"dataset", "roster"},
          {"purpose", "verification"},
          {"limit", 0},
          {"columns", json::array()},
          {"key", key}};
}

json::object search(const std::string& text, const std::string& purpose = "verification") {
  return {{"dataset", ""},
          {"purpose", purpose},
          {"limit", 50},
          {"columns", json::array()},
          {"text", text}};
}

std::vector<LedgerEntry> ledger_of(OfficeWorld& world) {
  Office office = world.open();
  Ledger ledger = must(Ledger::open(office.home(), office.keys()));
  must(ledger.verify());
  return must(ledger.list(0));
}

std::string names_of(const json::object& head) {
  std::string out;
  for (const json::value& column : array_at(head, "columns")) {
    out += (out.empty() ? "" : ",") + text_at(column.get_object(), "name");
  }
  return out;
}

}  // namespace

TEST_CASE("query: all granted columns in the definition's order, with types and provenance") {
  OfficeWorld world;
  KeepingSink sink;
  const json::object done = must(world.call("query", query(), sink));
  CHECK(integer_at(done, "count") == 3);
  CHECK_FALSE(boolean_at(done, "more"));
  REQUIRE(sink.heads.size() == 1);
  // The grade of column "secret" is above the grant's.
  CHECK(names_of(sink.heads[0]) == "id,name,village,members,area,rural,phone");
  const json::object& provenance = object_at(sink.heads[0], "provenance");
  CHECK(text_at(object_at(provenance, "provider"), "name", Language::kChinese) == "民政部门");
  CHECK(text_at(provenance, "version") == "1");
  CHECK(text_at(provenance, "purpose") == "verification");
  CHECK_FALSE(boolean_at(provenance, "stale"));
  const json::array& row = sink.kept[0].get_array();
  CHECK(row[1].get_string() == "王小明");
  CHECK(row[3].get_int64() == 3);
  CHECK(row[4].get_string() == "4.50");
  CHECK(row[5].get_bool());
  CHECK(row[6].get_string() == "138****1234");
}

TEST_CASE("query: filters, columns and the limit") {
  OfficeWorld world;
  KeepingSink sink;
  const json::object done =
      must(world.call("query",
                      query({{"where", json::array{"village=like.330402*", "members=gte.4"}},
                             {"columns", json::array{"members", "id"}}}),
                      sink));
  CHECK(integer_at(done, "count") == 1);
  CHECK(names_of(sink.heads[0]) == "members,id");
  CHECK(sink.kept[0].get_array()[1].get_string() == "b2");

  KeepingSink limited;
  const json::object two = must(world.call("query", query({{"limit", 2}}), limited));
  CHECK(integer_at(two, "count") == 2);
  CHECK(boolean_at(two, "more"));
  CHECK(limited.kept.size() == 2);
  CHECK(integer_at(must(world.call("query", query({{"limit", 0}}))), "count") == 3);
}

TEST_CASE("query: unknown columns are named in the error, columns above the grade are refused") {
  OfficeWorld world;
  CHECK(code_of(world.call("query", query({{"where", json::array{"nosuch=eq.1"}}}))) ==
        ErrorCode::kBadInput);
  CHECK(code_of(world.call("query", query({{"where", json::array{"secret=eq.1"}}}))) ==
        ErrorCode::kBadInput);
  CHECK(code_of(world.call("query", query({{"columns", json::array{"nosuch"}}}))) ==
        ErrorCode::kBadInput);
  CHECK(code_of(world.call("query", query({{"columns", json::array{"secret"}}}))) ==
        ErrorCode::kNotPermitted);
  CHECK(code_of(world.call("query", query({{"dataset", "other"}}))) == ErrorCode::kNotPermitted);
}

TEST_CASE("query: a masked row cannot be found by its real value") {
  OfficeWorld world;
  const auto count = [&](const char* filter) {
    return integer_at(
        must(world.call("query", query({{"where", json::array{json::value(filter)}}}))), "count");
  };
  CHECK(count("phone=eq.13812341234") == 0);
  CHECK(count("phone=eq.138****1234") == 1);
}

TEST_CASE("purpose: one that is not in the grant is refused and logged in the ledger") {
  OfficeWorld world;
  const auto refused = world.call("query", query({{"purpose", "marketing"}}));
  CHECK(code_of(refused) == ErrorCode::kNotPermitted);
  CHECK(refused.error().message.find("allows: verification") != std::string::npos);
  const auto entries = ledger_of(world);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].use.outcome == "not_permitted");
  CHECK(entries[0].use.purpose == "marketing");
  CHECK(entries[0].use.user == own_peer().user);
}

TEST_CASE("ledger: each read logs the number of rows, a look-up only a keyed hash") {
  OfficeWorld world;
  must(world.call("query", query()));
  must(world.call("show", show("a1")));
  CHECK(code_of(world.call("show", show("zz"))) == ErrorCode::kBadInput);
  const auto entries = ledger_of(world);
  REQUIRE(entries.size() == 3);
  CHECK(entries[2].use.count == 3);
  CHECK(entries[2].use.subject.empty());
  CHECK(entries[1].use.command == "show");
  CHECK(entries[1].use.count == 1);
  CHECK(entries[1].use.subject.size() == 32);
  CHECK(entries[0].use.count == 0);
  CHECK(json::serialize(to_json(entries[1])).find("a1\"") == std::string::npos);
}

TEST_CASE("ledger: a read in several pieces is logged before the first piece") {
  OfficeWorld world;
  // A sink that fails at the first rows: the entry must already exist.
  class RudeSink final : public AnswerSink {
   public:
    Status progress(const json::object&) override { return ok(); }
    Status head(const json::object&) override { return ok(); }
    Status rows(const json::array&) override { return fail(ErrorCode::kUnreachable, "gone"); }
  } rude;
  Service service(world.context, world.scheduler, [] { return false; });
  CHECK(code_of(service.handle({{"command", "query"}, {"args", query()}}, own_peer(), rude)) ==
        ErrorCode::kUnreachable);
  const auto entries = ledger_of(world);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].use.count == 3);
}

TEST_CASE("show: quoted keys may contain commas") {
  OfficeWorld world;
  KeepingSink sink;
  must(world.call("show", show("\"c,3\""), sink));
  CHECK(sink.kept[0].get_array()[1].get_string() == "张三");
  CHECK(code_of(world.call("show", show("c,3"))) == ErrorCode::kBadInput);
}

TEST_CASE("search: looks in the search columns of all datasets that the purpose allows") {
  OfficeWorld world;
  KeepingSink sink;
  CHECK(integer_at(must(world.call("search", search("小明"), sink)), "count") == 1);
  CHECK(integer_at(must(world.call("search", search("li \"q"), sink)), "count") == 1);
  CHECK(integer_at(must(world.call("search", search("330402"), sink)), "count") == 0);
  CHECK(integer_at(must(world.call("search", search("%"), sink)), "count") == 0);
  CHECK(code_of(world.call("search", search("x", "marketing"))) == ErrorCode::kNotPermitted);
  CHECK(code_of(world.call("search", search(""))) == ErrorCode::kBadInput);
}

TEST_CASE("lease: after its end reading stops, contact allows it again, the floor erases") {
  OfficeWorld world;
  // Ended by the wall clock only: locked, not erased, and open again when the clock is right.
  const UnixTime right = world.clock.wall();
  world.clock.set_wall(right + std::chrono::days(40));
  CHECK(code_of(world.call("query", query())) == ErrorCode::kLeaseEnded);
  {
    Office office = world.open();
    CycleHost host(office);
    CHECK(must(host.erase_ended()).empty());
  }
  world.clock.set_wall(right);
  CHECK(world.call("query", query()).has_value());

  world.clock.pass(std::chrono::days(31));
  Office office = world.open();
  CycleHost host(office);
  CHECK(must(host.erase_ended()) == std::vector<std::string>{"roster"});
  CHECK_FALSE(fs::exists(world.context.home.dataset("roster")));
  CHECK_FALSE(must(office.keys().has_file_key(dataset_key_name("roster"))));
  const json::object status = must(world.call("status", {}));
  CHECK(text_at(array_at(status, "erasures")[0].get_object(), "dataset") == "roster");
}

TEST_CASE("grants: suspended is locked and not erased, a verify-only grant shows no rows") {
  OfficeWorld world;
  world.give_grant(2, "full", true);
  CHECK(code_of(world.call("query", query())) == ErrorCode::kNotPermitted);
  CHECK(fs::exists(world.context.home.dataset("roster")));
  world.give_grant(2, "verify");
  CHECK(code_of(world.call("query", query())) == ErrorCode::kNotPermitted);
  world.give_grant(2, "full");
  CHECK(world.call("query", query()).has_value());
}

TEST_CASE("status: has streams, rows, lease and outbox") {
  OfficeWorld world;
  const json::object status = must(world.call("status", {}));
  CHECK(text_at(status, "state") == "enrolled");
  CHECK(text_at(object_at(status, "office"), "id") == "jiaxing");
  const json::object& dataset = array_at(status, "datasets")[0].get_object();
  CHECK(integer_at(dataset, "rows") == 3);
  CHECK(text_at(dataset, "access") == "open");
  CHECK(text_at(dataset, "digest").size() == 64);
  const json::object& stream = array_at(dataset, "streams")[0].get_object();
  CHECK(text_at(stream, "partition") == "3304");
  CHECK(integer_at(stream, "head_version") == 1);
  CHECK(text_at(stream, "state") == "current");
  CHECK(object_at(status, "outbox").contains("returned"));
  CHECK(status.contains("last_sync"));
  CHECK(integer_at(object_at(status, "disk"), "home_bytes") > 0);
}

TEST_CASE("submit: all records are validated before the first is saved") {
  OfficeWorld world;
  const auto records = [](json::array list) {
    return json::object{{"form", "visit"}, {"records", std::move(list)}};
  };
  const auto wrong = world.call("submit", records({json::object{{"name", "a"}, {"members", 2}},
                                                   json::object{{"name", "b"}, {"members", 99}}}));
  CHECK(code_of(wrong) == ErrorCode::kBadInput);
  CHECK(wrong.error().field.find("members") != std::string::npos);
  CHECK(wrong.error().message.find("record 2") != std::string::npos);
  CHECK_FALSE(wrong.error().hint.zh.empty());
  CHECK(array_at(must(world.call("outbox-list", {{"limit", 10}, {"state", ""}, {"form", ""}})),
                 "records")
            .empty());

  const json::object saved =
      must(world.call("submit", records({json::object{{"name", "王小明"}, {"members", 2}}})));
  CHECK(text_at(saved, "state") == "saved");
  CHECK(world.scheduler.nudges == 1);
  const json::object shown = must(world.call("outbox-show", {{"id", text_at(saved, "id")}}));
  CHECK(text_at(shown, "state") == "saved");
  CHECK(text_at(object_at(shown, "values"), "name") == "王小明");
  CHECK(code_of(world.call("submit", {{"form", "nosuch"}, {"records", json::array{1}}})) ==
        ErrorCode::kBadInput);
  CHECK(code_of(world.call("submit", records({}))) == ErrorCode::kBadInput);
}

TEST_CASE("requests: an unknown command or argument is rejected") {
  OfficeWorld world;
  CHECK(code_of(world.call("drop", {})) == ErrorCode::kUsage);
  CHECK(world.call("status", {{"x", 1}}).has_error());
  CHECK(world.call("query", {}).has_error());
}

TEST_CASE("doctor: a healthy home without a link") {
  OfficeWorld world;
  const json::object findings = must(world.call("doctor", {}));
  CHECK(integer_at(findings, "exit_code") != 0);  // nobody listens at the realm's address
  for (const json::value& value : array_at(findings, "checks")) {
    const json::object& check = value.get_object();
    const std::string name = text_at(check, "name");
    if (name == "link" || name == "trust") continue;
    CAPTURE(name);
    CHECK(text_at(check, "state") != "wrong");
  }
}

TEST_CASE("before enrolment: commands report it") {
  const TempDir folder;
  FakeClock clock;
  NullScheduler scheduler;
  const AgentContext context{
      .home = Home(folder / "home"), .settings = {}, .clock = &clock, .boot = "b"};
  must(context.home.prepare());
  Service service(context, scheduler, [] { return false; });
  KeepingSink sink;
  const auto call = [&](const char* command, json::object args) {
    return service.handle({{"command", command}, {"args", std::move(args)}}, own_peer(), sink);
  };
  CHECK(code_of(call("query", query())) == ErrorCode::kNotEnrolled);
  CHECK(code_of(call("ledger-verify", {})) == ErrorCode::kNotEnrolled);
  CHECK(text_at(must(call("status", {})), "state") == "none");
  CHECK(integer_at(must(call("doctor", {})), "exit_code") == 0);
}
