// A destroyed key is gone from keys.db, an erased value from outbox.db, and removed rows from a
// dataset's file: from every decrypted page, in use or free, and from the write-ahead logs.
#include "core/file/file.hpp"
#include "sync/uplink/form/form.hpp"
#include "tests/agent/office_world.hpp"
#include "tests/storage/pages.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

std::uintmax_t log_bytes(const fs::path& path) {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(path.string() + "-wal", missing);
  return missing ? 0 : size;
}

// Pages of the file with `needle`, read through a connection of their own.
int pages_with(const fs::path& path, const SymmetricKey& key, std::string_view needle) {
  Database database = must(Database::open(path, key, {.mode = OpenMode::kReadOnly}));
  return test::pages_with(database, needle);
}

}  // namespace

TEST_CASE("erasure: a destroyed dataset key is in no page of keys.db and not in its log") {
  OfficeWorld world;
  Office office = world.open();
  const SymmetricKey machine = must(make_machine_key(world.context.home));
  const SymmetricKey key = must(office.keys().file_key(dataset_key_name("roster")));
  const std::string needle(as_text(key.expose()));
  CHECK(pages_with(office.home().keys(), machine, needle) > 0);
  CycleHost host(office);
  must(host.drop_dataset("roster", DropReason::kNotGranted));
  must(office.keys().finish_erasures());
  CHECK(log_bytes(office.home().keys()) == 0);
  CHECK(pages_with(office.home().keys(), machine, needle) == 0);
  CHECK_FALSE(fs::exists(office.home().dataset("roster")));
  CHECK_FALSE(must(office.keys().has_unfinished_erasures()));
}

TEST_CASE("erasure: while a reader keeps the log of keys.db, it is remembered and done later") {
  OfficeWorld world;
  const SymmetricKey machine = must(make_machine_key(world.context.home));
  {
    // Another way in, which does not wait ten seconds for readers.
    Database reader =
        must(Database::open(world.context.home.keys(), machine, {.mode = OpenMode::kReadOnly}));
    const ReadTransaction reading = must(ReadTransaction::begin(reader));
    KeyStore keys = must(KeyStore::open(world.context.home, machine, std::chrono::milliseconds(1)));
    must(keys.destroy_dataset_key("roster", {.dataset = "roster", .at = {}, .reason = "test"},
                                  {.record = "r", .values = "{}"}));
    CHECK(code_of(keys.finish_erasures()) == ErrorCode::kBusy);
    CHECK(must(keys.has_unfinished_erasures()));
    CHECK(log_bytes(world.context.home.keys()) > 0);
  }
  Office office = world.open();  // as the next process
  CHECK(must(office.keys().has_unfinished_erasures()));
  must(office.keys().finish_erasures());
  CHECK_FALSE(must(office.keys().has_unfinished_erasures()));
}

TEST_CASE(
    "erasure: the values of an accepted record are in no page of outbox.db after its retention") {
  OfficeWorld world;
  Office office = world.open();
  const SymmetricKey key = must(office.keys().file_key("outbox"));
  const FormDefinition form = must(FormDefinition::parse(std::string(kVisitForm), "form visit"));
  Outbox outbox = must(office.open_outbox());
  for (int i = 0; i < 40; ++i) {
    Record record;
    record.kind = "collection";
    record.values = {{"name", "SECRET-" + std::to_string(i)}, {"members", 3}};
    must(outbox.save(form, record, world.clock.wall()));
  }
  CHECK(pages_with(office.home().outbox(), key, "SECRET-") > 0);
  {
    Database database = must(Database::open(office.home().outbox(), key));
    Statement accept = must(database.prepare("UPDATE records SET state=?, judged_at=?"));
    must(accept.bind_all(RecordState::kAccepted, world.clock.wall().time_since_epoch().count())
             .run());
  }
  CHECK(must(outbox.erase_expired(world.clock.wall() + std::chrono::days(31))) == 40);
  must(outbox.empty_log());
  CHECK(log_bytes(office.home().outbox()) == 0);
  CHECK(pages_with(office.home().outbox(), key, "SECRET-") == 0);
  CHECK(must(outbox.counts()).of(RecordState::kAccepted) == 40);
}
