// Look-ups share entries of the ledger, and none leaves before an entry says that it was made.
#include "agent/ledger/use_recorder.hpp"

#include <unistd.h>

#include <set>
#include <thread>

#include "agent/office/loss.hpp"
#include "core/local_limits.hpp"
#include "tests/agent/office_world.hpp"
#include "tests/support/child.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

Use lookup(OfficeWorld& world, const std::string& subject, const std::string& user = "wang") {
  return {.at = world.clock.wall(),
          .uid = 1000,
          .user = user,
          .command = "show",
          .dataset = "roster",
          .purpose = "verification",
          .count = 1,
          .outcome = "done",
          .subject = subject};
}

std::vector<LedgerEntry> ledger_of(OfficeWorld& world) {
  Office office = world.open();
  Ledger ledger = must(Ledger::open(office.home(), office.keys()));
  must(ledger.verify());
  return must(ledger.list(0));
}

// When every second that began is over.
UseRecorder::Instant later() {
  return std::chrono::steady_clock::now() + 2 * limits::kLookupWindow;
}

}  // namespace

TEST_CASE("recorder: a single look-up has one entry, as it always had") {
  OfficeWorld world;
  {
    UseRecorder recorder(world.context);
    must(recorder.record_in_group(lookup(world, "s1")));
    CHECK(ledger_of(world).size() == 1);
    recorder.complete_due(later());
  }
  const auto entries = ledger_of(world);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].use.subject == "s1");
  CHECK(entries[0].use.times == 1);
  CHECK(json::serialize(to_json(entries[0])).find("times") == std::string::npos);
}

TEST_CASE("recorder: many look-ups within a second have three entries with every subject") {
  OfficeWorld world;
  UseRecorder recorder(world.context);
  for (int i = 0; i < 1000; ++i) {
    must(recorder.record_in_group(lookup(world, "s" + std::to_string(i))));
  }
  // Before the second is over the ledger says that look-ups go on.
  auto entries = ledger_of(world);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].use.outcome == "started");
  CHECK(entries[0].use.times == 0);
  CHECK(recorder.has_groups());
  recorder.complete_due(later());
  CHECK_FALSE(recorder.has_groups());
  entries = ledger_of(world);
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].use.times == 999);
  CHECK(entries[0].use.count == 999);
  CHECK(entries[0].use.began == entries[1].sequence);
  const std::set<std::string> subjects(entries[0].use.subjects.begin(),
                                       entries[0].use.subjects.end());
  CHECK(subjects.size() == 999);
  CHECK(subjects.contains("s1"));
  CHECK(subjects.contains("s999"));
}

TEST_CASE("recorder: callers, purposes and outcomes do not share entries") {
  OfficeWorld world;
  {
    UseRecorder recorder(world.context);
    Use other = lookup(world, "s");
    other.purpose = "lookup";
    Use refused = lookup(world, "s");
    refused.outcome = "not_permitted";
    for (const Use& use : {lookup(world, "s"), lookup(world, "s", "li"), other, refused}) {
      must(recorder.record_in_group(use));
    }
  }
  CHECK(ledger_of(world).size() == 4);
}

TEST_CASE("recorder: a full group is completed before the next begins") {
  OfficeWorld world;
  {
    UseRecorder recorder(world.context);
    for (int i = 0; i < limits::kLookupsPerEntry + 2; ++i) {
      must(recorder.record_in_group(lookup(world, std::to_string(i))));
    }
  }
  std::int64_t times = 0;
  for (const LedgerEntry& entry : ledger_of(world)) times += entry.use.times;
  CHECK(times == limits::kLookupsPerEntry + 2);
}

TEST_CASE("recorder: a process that dies leaves the entry that look-ups had begun") {
  OfficeWorld world;
  CHECK(in_child([&]() -> std::string {
          auto* recorder = new UseRecorder(world.context);  // never completed
          for (int i = 0; i < 10; ++i) {
            const Status done = recorder->record_in_group(lookup(world, std::to_string(i)));
            if (done.has_error()) return done.error().message;
          }
          return "ok";
        }) == "ok");
  const auto entries = ledger_of(world);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].use.outcome == "started");
  UseRecorder next(world.context);
  must(next.record(lookup(world, "later")));
  CHECK(ledger_of(world).size() == 3);
}

TEST_CASE("recorder: threads share one chain") {
  OfficeWorld world;
  {
    UseRecorder recorder(world.context);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 200; ++i) {
          must(recorder.record_in_group(lookup(world, std::to_string(i), std::to_string(thread))));
          if (i % 50 == 0) recorder.complete_due(later());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::int64_t times = 0;
  for (const LedgerEntry& entry : ledger_of(world)) times += entry.use.times;
  CHECK(times == 800);
}

TEST_CASE("recorder: a ledger that was set aside meanwhile is opened anew") {
  OfficeWorld world;
  UseRecorder recorder(world.context);
  must(recorder.record(lookup(world, "a")));
  const fs::path lost[] = {world.context.home.ledger()};
  must(set_aside(world.context.home, lost, world.clock.wall()));
  must(recorder.record(lookup(world, "b")));
  Office office = world.open();
  Ledger ledger = must(Ledger::open(office.home(), office.keys()));
  CHECK(must(ledger.list(0)).size() == 1);  // and the gap before it is noted
  CHECK(must(load_ledger_gaps(office.keys())).size() == 1);
}

TEST_CASE("recorder: the same row is looked up so often a day, also over a restart") {
  OfficeWorld world;
  {
    UseRecorder recorder(world.context);
    must(recorder.check_lookups(lookup(world, "x")));
    for (int i = 0; i < limits::kLookupsOfOneRowPerDay; ++i) {
      must(recorder.record_in_group(lookup(world, "x")));
    }
    CHECK(code_of(recorder.check_lookups(lookup(world, "x"))) == ErrorCode::kNotPermitted);
    CHECK(recorder.check_lookups(lookup(world, "y")).has_value());
    CHECK(recorder.check_lookups(lookup(world, "x", "li")).has_value());
  }
  UseRecorder next(world.context);
  const Status refused = next.check_lookups(lookup(world, "x"));
  CHECK(code_of(refused) == ErrorCode::kNotPermitted);
  CHECK_FALSE(refused.error().hint.zh.empty());
  world.clock.set_wall(world.clock.wall() + std::chrono::days(1));
  CHECK(next.check_lookups(lookup(world, "x")).has_value());
}
