// Damage on an office's disk: a byte turned over in any page of any file. Whatever is asked then
// works as before or says that the file is damaged; rows are never wrong; and what is a copy is
// whole again after one or two cycles.
#include "agent/care/damage.hpp"

#include <fstream>
#include <map>

#include "agent/service/doctor.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr std::size_t kPageBytes = 4096;

// The agent's whole memory, to begin again from.
using Files = std::map<fs::path, Bytes>;

Files read_files(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path()] = must(read_file(entry.path(), 1 << 28));
  }
  return files;
}

void write_files(const fs::path& folder, const Files& files) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && !files.contains(entry.path())) fs::remove(entry.path());
  }
  for (const auto& [path, bytes] : files) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
}

void turn_byte(const fs::path& path, std::size_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const char was = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(was ^ 0x55));
}

agent::CycleResult asked_cycle(LiveOffice& office) {
  agent::Cycle cycle(office.context, [&](const HttpOptions&) { return office.link.connect(); });
  return cycle.run({.from = {}, .fetch_now = false, .is_asked = true}, {});
}

class KeptRows final : public agent::AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array& rows) override {
    for (const json::value& row : rows) kept.insert(json::serialize(row));
    return ok();
  }
  std::set<std::string> kept;
};

// A realm with one office that holds everything, and its memory at rest.
struct DamagedOffice {
  explicit DamagedOffice(std::size_t people_count = 300)
      : realm(7), office(realm.add_office("o1")) {
    realm.publish(people = change_people({}, realm.random, people_count));
    REQUIRE_FALSE(office.cycle().error);
    office.submit(kVisit, {{"name", "kept"}, {"people", 3}});
    whole = query().value();
    files = read_files(office.home().folder());
  }

  Result<std::set<std::string>> query() {
    KeptRows sink;
    const json::object args{{"dataset", "people"},
                            {"purpose", "care"},
                            {"limit", 0},
                            {"columns", json::array{}},
                            {"where", json::array{}}};
    ROOTLET_TRY(office.call("query", args, sink));
    return std::move(sink.kept);
  }

  void restore() { write_files(office.home().folder(), files); }

  // The rows are right, or the answer says that they are damaged.
  void expect_right_or_damaged() {
    const Result<std::set<std::string>> rows = query();
    if (rows.has_error()) {
      CHECK(rows.error().code == ErrorCode::kStorageDamaged);
      CHECK_FALSE(rows.error().hint.zh.empty());
    } else {
      CHECK(rows.value() == whole);
    }
    const json::object verified = must(office.call("verify", {{"dataset", ""}}));
    for (const json::value& one : array_at(verified, "datasets")) {
      const json::object& error = object_at(one.get_object(), "error");
      CHECK((boolean_at(one.get_object(), "equal") || text_at(error, "code") == "storage_damaged"));
    }
  }

  void expect_whole_within(int cycles) {
    std::optional<Error> last;
    for (int i = 0; i < cycles; ++i) last = asked_cycle(office).error;
    if (last) CHECK_MESSAGE(false, last->message);
    CHECK(must(query()) == whole);
    CHECK(must(agent::damage_notes(office.open().keys())).empty());
    CHECK(boolean_at(must(office.call("verify", {{"dataset", ""}})), "equal"));
  }

  // Each page in turn: its first bytes, its middle, its tag at the end. With ROOTLET_LONG every
  // 97th byte of the file.
  void sweep(const fs::path& path, const std::function<void()>& check) {
    const std::size_t size = files.at(path).size();
    const bool is_long = std::getenv("ROOTLET_LONG") != nullptr;
    for (std::size_t at = 0, page = 0; at < size; ++page) {
      const std::size_t offset =
          is_long ? at : at + (page * 1237) % std::min(kPageBytes, size - at);
      restore();
      turn_byte(path, offset);
      CAPTURE(path);
      CAPTURE(offset);
      check();
      at += is_long ? 97 : kPageBytes;
    }
  }

  LiveRealm realm;
  LiveOffice& office;
  People people;
  std::set<std::string> whole;
  Files files;
};

// Nobody listens at that address: the doctor hears so at once.
json::object doctor(LiveOffice& office) {
  agent::AgentContext context = office.context;
  context.settings.repository_url = "http://127.0.0.1:9";
  return agent::run_doctor(context, agent::DaemonState::kRunning);
}

std::string wrong_words(const json::object& findings) {
  std::string all;
  for (const json::value& value : array_at(findings, "checks")) {
    const json::object& check = value.get_object();
    if (text_at(check, "state") == "wrong" && text_at(check, "name") != "link") {
      all += text_at(check, "name") + ": " + text_at(check, "words") + " | " +
             text_at(check, "advice") + "\n";
    }
  }
  return all;
}

}  // namespace

TEST_CASE(
    "damage: a byte turned over in any page of the directory is met or read past, and repaired") {
  DamagedOffice world;
  int turn = 0;
  world.sweep(world.office.home().directory(), [&] {
    if (turn++ % 2 == 0) world.expect_right_or_damaged();
    world.expect_whole_within(turn % 2 == 0 ? 1 : 2);
  });
}

TEST_CASE("damage: a byte turned over in any page of a dataset is met or read past, and repaired") {
  DamagedOffice world;
  int turn = 0;
  world.sweep(world.office.home().dataset("people"), [&] {
    if (turn++ % 2 == 0) world.expect_right_or_damaged();
    world.expect_whole_within(turn % 2 == 0 ? 1 : 2);
  });
}

TEST_CASE(
    "damage: a byte turned over in a write-ahead log gives the rows of an older version, or "
    "damage") {
  DamagedOffice world;
  const std::set<std::string> before = world.whole;
  {
    // A reader that stays keeps the logs; the change is only in them.
    agent::Office open = world.office.open();
    std::optional<DatasetReader> rows = must(open.open_dataset("people"));
    std::optional<DatasetReader> directory = must(open.open_directory());
    const ReadTransaction one = must(ReadTransaction::begin(rows->database()));
    const ReadTransaction two = must(ReadTransaction::begin(directory->database()));
    world.realm.publish(world.people = change_people(world.people, world.realm.random, 40));
    REQUIRE_FALSE(world.office.cycle().error);
    world.whole = must(world.query());
    world.files = read_files(world.office.home().folder());
  }
  REQUIRE(world.whole != before);
  std::erase_if(world.files,
                [](const auto& file) { return file.first.string().ends_with("-shm"); });
  for (const fs::path& log : {fs::path(world.office.home().dataset("people").string() + "-wal"),
                              fs::path(world.office.home().directory().string() + "-wal")}) {
    REQUIRE(world.files.at(log).size() > kPageBytes);
    world.sweep(log, [&] {
      const Result<std::set<std::string>> rows = world.query();
      if (rows.has_error()) {
        CHECK(rows.error().code == ErrorCode::kStorageDamaged);
      } else {
        CHECK(world.office.mismatch() == "");  // of the versions that it says it holds
      }
      world.expect_whole_within(2);
    });
  }
}

TEST_CASE("damage: a file that is cut off, empty or another file's is fetched again") {
  DamagedOffice world;
  for (const fs::path& path :
       {world.office.home().directory(), world.office.home().dataset("people")}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1000}, 3 * kPageBytes}) {
      world.restore();
      fs::resize_file(path, size);
      CAPTURE(path);
      CAPTURE(size);
      world.expect_right_or_damaged();
      world.expect_whole_within(2);
    }
    world.restore();
    fs::copy_file(world.office.home().ledger(), path, fs::copy_options::overwrite_existing);
    world.expect_right_or_damaged();
    world.expect_whole_within(2);
  }
}

TEST_CASE(
    "damage: what is noted survives a restart, is said by status and doctor, and needs the link") {
  DamagedOffice world;
  const fs::path file = world.office.home().dataset("people");
  const std::size_t last_page = fs::file_size(file) - kPageBytes;
  for (std::size_t at = kPageBytes; at <= last_page; at += kPageBytes) turn_byte(file, at + 100);
  REQUIRE(world.query().has_error());
  const json::object status = must(world.office.call("status", {}));
  REQUIRE(array_at(status, "damage").size() == 1);
  CHECK(text_at(array_at(status, "damage")[0].get_object(), "file") == "dataset/people");
  const std::string words = wrong_words(doctor(world.office));
  CHECK(words.find("dataset/people") != std::string::npos);
  CHECK(words.find("rootlet sync") != std::string::npos);
  // Without a link the damaged file stays, as far as it can still be read.
  world.office.link.is_down = true;
  CHECK(asked_cycle(world.office).error.has_value());
  CHECK(fs::exists(file));
  CHECK(must(agent::damage_notes(world.office.open().keys())).size() == 1);
  world.office.link.is_down = false;
  const agent::CycleResult repaired = asked_cycle(world.office);
  CHECK_FALSE(repaired.error.has_value());
  CHECK(json::serialize(repaired.report.at("rebuilt")).find("people") != std::string::npos);
  CHECK(must(world.query()) == world.whole);
  CHECK(wrong_words(doctor(world.office)).empty());
}

TEST_CASE("damage: the doctor reads on where it stopped, so that every page is read in time") {
  DamagedOffice world;
  agent::Office office = world.office.open();
  std::int64_t pages = 0;
  for (int i = 0; i < 40; ++i) {
    for (const agent::PageCheck& check : must(agent::check_pages(office, 2))) {
      CHECK_FALSE(check.trouble.has_value());
      CHECK(check.checked <= 2);
      if (check.name == "dataset/people") pages = check.pages;
    }
  }
  REQUIRE(pages > 4);
  turn_byte(world.office.home().dataset("people"),
            static_cast<std::size_t>(pages - 1) * kPageBytes + 7);
  bool is_found = false;
  for (std::int64_t part = 0; part <= pages / 2 && !is_found; ++part) {
    for (const agent::PageCheck& check : must(agent::check_pages(office, 2))) {
      is_found = is_found || check.trouble.has_value();
    }
  }
  CHECK(is_found);
  CHECK(must(agent::damage_notes(office.keys())).size() == 1);
}

TEST_CASE(
    "damage: rows that somebody edited are found by verify and fetched again by the next sync") {
  DamagedOffice world;
  {
    DatasetStore store = world.office.open_dataset();
    must(store.database().execute("UPDATE " + store.table() + " SET members=members+1"));
  }
  CHECK_FALSE(boolean_at(must(world.office.call("verify", {{"dataset", ""}})), "equal"));
  CHECK(wrong_words(doctor(world.office)).find("dataset people") != std::string::npos);
  REQUIRE_FALSE(world.office.cycle().error);
  CHECK(must(world.query()) == world.whole);
  CHECK(boolean_at(must(world.office.call("verify", {{"dataset", ""}})), "equal"));
}

TEST_CASE("damage: an edited directory is found by verify and fetched again by the next sync") {
  DamagedOffice world;
  {
    agent::Office office = world.office.open();
    const SymmetricKey key = must(office.keys().file_key("directory"));
    Database database = must(Database::open(world.office.home().directory(), key));
    must(database.execute("UPDATE rows_1 SET size=size+1"));
  }
  CHECK_FALSE(boolean_at(must(world.office.call("verify", {{"dataset", ""}})), "equal"));
  REQUIRE_FALSE(world.office.cycle().error);
  CHECK(boolean_at(must(world.office.call("verify", {{"dataset", ""}})), "equal"));
}

TEST_CASE("damage: files that nobody can fetch again are reported and never begun anew") {
  DamagedOffice world;
  const agent::Home& home = world.office.home();
  for (const fs::path& path : {home.keys(), home.outbox(), home.ledger()}) {
    world.sweep(path, [&] {
      const Bytes damaged = must(read_file(path, 1 << 28));
      const std::string name = path.filename().string();
      const Result<json::object> listed =
          world.office.call("outbox-list", {{"limit", 10}, {"state", ""}, {"form", ""}});
      if (listed.has_error()) {
        CHECK(listed.error().code == ErrorCode::kStorageDamaged);
      } else {
        CHECK(array_at(listed.value(), "records").size() == 1);
      }
      const Result<std::set<std::string>> rows = world.query();
      if (rows.has_error()) {
        CHECK(rows.error().code == ErrorCode::kStorageDamaged);
      } else {
        CHECK(rows.value() == world.whole);
      }
      const json::object findings = doctor(world.office);
      const std::string words = wrong_words(findings);
      const bool is_harmless = listed.has_value() && rows.has_value() && words.empty();
      // The first bytes of a file are a salt that a raw key does not use.
      if (is_harmless) CHECK(must(read_file(path, 1 << 28)).size() >= damaged.size());
      CHECK(fs::file_size(path) >= damaged.size());
    });
  }
}
