// A session that stays open never shows what is no longer granted, held or current.
#include <thread>

#include "agent/care/damage.hpp"
#include "agent/reading/reading.hpp"
#include "agent/reading/reading_pool.hpp"
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

class Pool {
 public:
  explicit Pool(OfficeWorld& world)
      : world_(world), pool_(world.context, ReadingPool::Upkeep::kNone) {}

  Result<json::object> call(const std::string& command, json::object args, KeepingSink& sink) {
    Service service(
        world_.context, world_.scheduler, [] { return false; }, &pool_);
    return service.handle({{"command", command}, {"args", std::move(args)}},
                          with_roles(own_peer(), world_.context), sink);
  }
  Result<json::object> show(const std::string& key, KeepingSink& sink) {
    return call("show",
                {{"dataset", "roster"},
                 {"purpose", "verification"},
                 {"limit", 0},
                 {"columns", json::array()},
                 {"key", key}},
                sink);
  }
  Result<json::object> show(const std::string& key) {
    KeepingSink sink;
    return show(key, sink);
  }
  std::string name_of_row(const std::string& key) {
    KeepingSink sink;
    must(show(key, sink));
    return std::string(sink.kept.at(0).get_array().at(1).get_string());
  }

  OfficeWorld& world_;
  ReadingPool pool_;
};

void change_rows(OfficeWorld& world, const std::string& sql) {
  Office office = world.open();
  CycleHost host(office);
  const DatasetDefinition definition =
      must(DatasetDefinition::parse(std::string(kRoster), "roster"));
  DatasetStore store = must(host.open_dataset("roster", dataset_layout(definition, 2)));
  must(store.database().execute(sql));
}

}  // namespace

TEST_CASE("session: look-ups answer as queries do, with the same columns and provenance") {
  OfficeWorld world;
  Pool pool(world);
  for (const char* key : {"a1", "b2", "a1", "\"c,3\""}) {
    KeepingSink shown, queried;
    CHECK(integer_at(must(pool.show(key, shown)), "count") == 1);
    const std::string plain = key[0] == '"' ? "c,3" : key;
    must(pool.call("query",
                   {{"dataset", "roster"},
                    {"purpose", "verification"},
                    {"limit", 50},
                    {"columns", json::array()},
                    {"where", json::array{json::value("id=eq." + plain)}}},
                   queried));
    CHECK(shown.kept == queried.kept);
    // One row says why it is held, too.
    CHECK(shown.heads.front().erase("held_because") == 1);
    CHECK(shown.heads == queried.heads);
  }
  CHECK(code_of(pool.show("zz")) == ErrorCode::kBadInput);
}

TEST_CASE("session: a grant that changed counts at the next read") {
  OfficeWorld world;
  Pool pool(world);
  CHECK(pool.show("a1").has_value());
  world.give_grant(2, "full", true);
  CHECK(code_of(pool.show("a1")) == ErrorCode::kNotPermitted);
  world.give_grant(2, "verify");
  CHECK(code_of(pool.show("a1")) == ErrorCode::kNotPermitted);
  world.give_grant(1, "full");
  CHECK(pool.show("a1").has_value());
}

TEST_CASE("session: a lease that ended counts at the next read") {
  OfficeWorld world;
  Pool pool(world);
  CHECK(pool.show("a1").has_value());
  world.clock.set_wall(world.clock.wall() + std::chrono::days(40));
  CHECK(code_of(pool.show("a1")) == ErrorCode::kLeaseEnded);
}

TEST_CASE("session: an erased dataset cannot be read, although its file was open") {
  OfficeWorld world;
  Pool pool(world);
  CHECK(pool.show("a1").has_value());
  {
    Office office = world.open();
    must(office.keys().destroy_dataset_key(
        "roster", {.dataset = "roster", .at = world.clock.wall(), .reason = "test"},
        {.record = "r", .values = "{}"}));
  }
  // The key alone is destroyed: the file lies at its path as before.
  REQUIRE(fs::exists(world.context.home.dataset("roster")));
  CHECK(code_of(pool.show("a1")) == ErrorCode::kUnreachable);
}

TEST_CASE("session: a file that was replaced is not read any more") {
  OfficeWorld world;
  Pool pool(world);
  CHECK(pool.show("a1").has_value());
  {
    Office office = world.open();
    CycleHost host(office);
    must(host.drop_dataset("roster", DropReason::kNotGranted));
  }
  CHECK(code_of(pool.show("a1")) == ErrorCode::kUnreachable);
  fs::remove(world.context.home.directory());
  CHECK(code_of(pool.show("a1")) == ErrorCode::kUnreachable);
}

TEST_CASE("session: rows and streams that changed are seen at once") {
  OfficeWorld world;
  Pool pool(world);
  CHECK(pool.name_of_row("a1") == "王小明");
  change_rows(world, "UPDATE \"" + generation_table(1) + "\" SET name='王大明' WHERE id='a1'");
  CHECK(pool.name_of_row("a1") == "王大明");
  // The same key in a slot that no stream shows, as while a snapshot arrives.
  change_rows(world, "INSERT INTO \"" + generation_table(1) + "\"(row_id, id, name) VALUES(" +
                         std::to_string(row_id(77, 0)) + ", 'a1', 'other')");
  CHECK(pool.name_of_row("a1") == "王大明");
  change_rows(world, "DELETE FROM streams");
  CHECK(code_of(pool.show("a1")) == ErrorCode::kBadInput);
}

TEST_CASE("session: rows outside the granted divisions are not found by their key") {
  OfficeWorld world;
  Pool pool(world);
  change_rows(world, "UPDATE streams SET partition='3305'");
  CHECK(code_of(pool.show("a1")) == ErrorCode::kBadInput);
}

TEST_CASE("session: threads read at the same time, each with a session of its own") {
  OfficeWorld world;
  Pool pool(world);
  std::vector<std::thread> threads;
  std::atomic<int> found = 0;
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 30; ++i) found += pool.show(i % 2 == 0 ? "a1" : "b2").has_value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(found == 180);
}

TEST_CASE("session: a damaged file is noted and not kept open") {
  OfficeWorld world;
  Pool pool(world);
  CHECK(pool.show("a1").has_value());
  change_rows(world, "DROP TABLE streams");
  CHECK(code_of(pool.show("a1")) == ErrorCode::kStorageDamaged);
  Office office = world.open();
  CHECK(must(is_noted_damaged(office.keys(), dataset_key_name("roster"))));
}
