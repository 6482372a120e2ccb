// The answers of commands: rows with provenance, refusals with a reason, and a ledger entry for
// each.
#include <algorithm>

#include "agent/ledger/ledger.hpp"
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
  CHECK(code_of(service.handle({{"command", "query"}, {"args", query()}},
                               with_roles(own_peer(), world.context), rude)) ==
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

TEST_CASE("search: pinyin finds, and matches are shown where wanted") {
  OfficeWorld world;
  KeepingSink sink;
  json::object args = search("wangxm");
  args["matches"] = true;
  const json::object done = must(world.call("search", args, sink));
  CHECK(integer_at(done, "count") == 1);
  CHECK(boolean_at(done, "complete"));
  CHECK(names_of(sink.heads[0]) == "id,name,village,members,area,rural,phone,~matches");
  const json::array& matches = sink.kept[0].get_array().back().get_array();
  REQUIRE(matches.size() == 1);
  CHECK(text_at(matches[0].get_object(), "column") == "name");
  CHECK(integer_at(matches[0].get_object(), "end") == 3);
  CHECK(boolean_at(matches[0].get_object(), "pinyin"));
}

TEST_CASE("search: own records that are not accepted yet are found beside the data") {
  OfficeWorld world;
  must(world.call("submit",
                  {{"form", "visit"},
                   {"records", json::array{json::object{{"name", "赵新人"}, {"members", 2}}}}}));
  const json::object done = must(world.call("search", search("zhaoxr")));
  CHECK(integer_at(done, "count") == 0);
  const json::array& records = array_at(object_at(done, "own_records"), "records");
  REQUIRE(records.size() == 1);
  const json::object& record = records[0].get_object();
  CHECK(text_at(record, "form") == "visit");
  CHECK(text_at(record, "state") == "saved");
  CHECK(text_at(record, "words", Language::kChinese).find("尚未采纳") != std::string::npos);
  CHECK(text_at(array_at(record, "fields")[0].get_object(), "text") == "赵新人");
  CHECK(array_at(object_at(must(world.call("search", search("钱新人"))), "own_records"), "records")
            .empty());
  json::object one_dataset = search("赵新人");
  one_dataset["dataset"] = "roster";
  CHECK_FALSE(must(world.call("search", one_dataset)).contains("own_records"));
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

TEST_CASE("query: rows in an order, by name or title, and the count of all rows behind a limit") {
  OfficeWorld world;
  const auto names = [&](const char* order) {
    KeepingSink sink;
    must(world.call("query", query({{"order", json::array{order}}, {"columns", json::array{"id"}}}),
                    sink));
    std::string out;
    for (const json::value& row : sink.kept)
      out += std::string(row.get_array()[0].get_string()) + " ";
    return out;
  };
  const std::string rising = names("id");
  std::string falling = names("id.desc");
  CHECK(rising != falling);
  CHECK(names("id.asc") == rising);
  CHECK(names("姓名") != "");
  CHECK(code_of(world.call("query", query({{"order", json::array{"secret"}}}))) ==
        ErrorCode::kBadInput);  // nothing of it is shown, so it cannot order either
  KeepingSink counted, uncounted;
  must(world.call("query", query({{"limit", 1}, {"count", true}}), counted));
  CHECK(counted.kept.size() == 1);
  CHECK(integer_at(counted.heads[0], "total") == 3);
  must(world.call("query", query({{"limit", 1}}), uncounted));
  CHECK_FALSE(uncounted.heads[0].contains("total"));
}

TEST_CASE("refusals: a misspelt dataset, purpose or form gets a near one as hint") {
  OfficeWorld world;
  json::object wrong = query();
  wrong["dataset"] = "rotser";
  CHECK(world.call("query", wrong).error().hint.en == "Did you mean roster?");
  wrong = query();
  wrong["purpose"] = "verfication";
  CHECK(world.call("query", wrong).error().hint.en == "Did you mean verification?");
  CHECK(world.call("search", search("王", "verfication")).error().hint.en ==
        "Did you mean verification?");
  CHECK(world.call("submit", {{"form", "vist"}, {"records", json::array{json::object()}}})
            .error()
            .hint.en == "Did you mean visit?");
}

TEST_CASE("submit: every mistake of every record at once, by title") {
  OfficeWorld world;
  const json::object wrong{{"form", "visit"},
                           {"records", json::array{json::object{{"members", 99}, {"x", 1}},
                                                   json::object{{"name", "a"}, {"members", 2}},
                                                   json::object{{"members", 0}}}}};
  const auto refused = world.call("submit", wrong);
  CHECK(code_of(refused) == ErrorCode::kBadInput);
  CHECK(refused.error().message == "2 records have 5 mistakes; the first is in record 1");
  CHECK(refused.error().hint.zh ==
        "第 1 条，x：表单visit没有这一项。\n  第 1 条，姓名：此项必填。\n"
        "  第 1 条，人口：应在1到30之间。\n  第 3 条，姓名：此项必填。\n"
        "  第 3 条，人口：应在1到30之间。");
  const json::object check = must(world.call("submit-check", wrong));
  CHECK_FALSE(boolean_at(check, "valid"));
  REQUIRE(array_at(check, "mistakes").size() == 5);
  const json::object& last = array_at(check, "mistakes")[4].get_object();
  CHECK(integer_at(last, "record") == 3);
  CHECK(text_at(last, "field") == "members");
  CHECK(text_at(last, "title", Language::kChinese) == "人口");
  CHECK(text_at(last, "reason") == "range");
  const json::object right{{"form", "visit"},
                           {"records", json::array{json::object{{"name", "a"}, {"members", 2}}}}};
  CHECK(boolean_at(must(world.call("submit-check", right)), "valid"));
  CHECK(array_at(must(world.call("outbox-list", {{"limit", 9}, {"state", ""}, {"form", ""}})),
                 "records")
            .empty());
}

TEST_CASE("outbox: what a record is about, and its id by its beginning") {
  OfficeWorld world;
  const auto submit = [&](const char* name) {
    return text_at(
        must(world.call("submit",
                        {{"form", "visit"},
                         {"records", json::array{json::object{{"name", name}, {"members", 2}}}}})),
        "id");
  };
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(submit("王小明"));
  const json::object list =
      must(world.call("outbox-list", {{"limit", 1}, {"state", ""}, {"form", ""}}));
  CHECK(text_at(array_at(list, "records")[0].get_object(), "subject") == "王小明");
  const json::object shown = must(world.call("outbox-show", {{"id", ids[3].substr(0, 12)}}));
  CHECK(text_at(shown, "id") == ids[3]);
  CHECK(text_at(shown, "form_title", Language::kChinese) == "走访");
  CHECK(text_at(array_at(shown, "fields")[1].get_object(), "title", Language::kChinese) == "人口");
  // Of twenty ids at least two begin with the same of sixteen digits.
  std::sort(ids.begin(), ids.end());
  std::string common;
  for (std::size_t i = 1; i < ids.size() && common.empty(); ++i) {
    if (ids[i][0] == ids[i - 1][0]) common = ids[i].substr(0, 1);
  }
  const auto several = world.call("outbox-show", {{"id", common}});
  CHECK(code_of(several) == ErrorCode::kBadInput);
  CHECK(several.error().message == "several records begin with " + common);
  CHECK(several.error().hint.en.find("王小明") != std::string::npos);
  CHECK(code_of(world.call("outbox-show", {{"id", "zz"}})) == ErrorCode::kBadInput);
  CHECK(code_of(world.call("outbox-show", {{"id", ""}})) == ErrorCode::kBadInput);
  CHECK(code_of(world.call("outbox-show", {{"id", std::string(31, 'f')}})) == ErrorCode::kBadInput);
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
    return service.handle({{"command", command}, {"args", std::move(args)}},
                          with_roles(own_peer(), context), sink);
  };
  CHECK(code_of(call("query", query())) == ErrorCode::kNotEnrolled);
  CHECK(code_of(call("ledger-verify", {})) == ErrorCode::kNotEnrolled);
  CHECK(text_at(must(call("status", {})), "state") == "none");
  CHECK(integer_at(must(call("doctor", {})), "exit_code") == 0);
}
