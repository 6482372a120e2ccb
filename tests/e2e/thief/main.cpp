// What somebody does who took all keys of a realm's serving machine and that of its directory:
// publishes, in the realm's name, metadata and a directory with versions so high that honest ones
// look old (a fast-forward attack). Works on a copy of the realm's folder:  thief REALM
#include <cstdio>

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "platform/keys/sign_again.hpp"
#include "platform/repository/repository.hpp"

namespace {

using namespace rootlet;
using namespace rootlet::platform;

constexpr std::int64_t kAhead = 1'000'000'000;

Status run_ahead(Realm& realm) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(platform::Transaction transaction, registry.begin());
  for (const char* role : {"timestamp", "snapshot", "directory"}) {
    MetadataTable table =
        std::string_view(role) == "directory" ? registry.metadata() : realm.serving().metadata();
    ROOTLET_TRY(std::optional<MetadataEntry> entry, table.newest(role));
    entry->version += kAhead;
    entry->fingerprint = {};
    ROOTLET_TRY(table.save(role, *entry));
  }
  std::vector<DirectoryStream> streams;
  ROOTLET_TRY(registry.tree().visit_present([&](const DirectoryStream& stream) {
    streams.push_back(stream);
    return ok();
  }));
  for (DirectoryStream& stream : streams) {
    stream.version += kAhead;
    ROOTLET_TRY(registry.tree().save_stream(stream));
  }
  ROOTLET_TRY(remake_directory(registry));
  return commit_repository(realm, std::move(transaction), system_clock().wall());
}

}  // namespace

int main(int count, char** words) {
  initialise_crypto();
  if (count != 2) return 2;
  Result<Realm> realm = Realm::open(words[1]);
  const Status done = realm.has_error() ? Status(realm.error()) : run_ahead(realm.value());
  if (done.has_value()) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}
