// Packs are copied with a new signature; the registry's hash of the old one shows that nobody
// changed them on disk meanwhile.
#include "platform/keys/sign_again.hpp"

#include <set>

#include "platform/repository/pack_files.hpp"
#include "platform/repository/repository.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

// What makes the stage publish this stream of the directory once more.
Status touch_to_remake(DirectoryTables& tree, const DirectoryStream& stream) {
  const std::string& division = stream.name.partition;
  if (stream.name == offices_stream(division)) {
    return tree.touch(Touched::kOfficeList, "", division);
  }
  if (stream.name == catalogue_stream()) return tree.touch(Touched::kCatalogue, "", "");
  if (stream.name == definition_stream(stream.about)) {
    ROOTLET_TRY(tree.touch(Touched::kDefinition, stream.about, ""));
    return tree.touch(Touched::kCatalogue, "", "");
  }
  if (stream.name == heads_stream(stream.about, division)) {
    ROOTLET_TRY(tree.touch(Touched::kHeads, stream.about, division));
  }
  return tree.touch(Touched::kNode, "", division);
}

Result<std::optional<PackEntry>> resign(PackFiles& files, const PackEntry& pack, std::int64_t file,
                                        const SigningKey& publisher) {
  if (files.check(pack).has_error()) return std::optional<PackEntry>();
  ROOTLET_TRY(const Bytes bytes, files.read(path_of_file(pack), pack.offset, pack.file_bytes));
  ROOTLET_TRY(const BuiltPack built, resign_pack(bytes, publisher));
  PackEntry after = pack;
  after.file = file;
  after.id = built.header.id;
  ROOTLET_TRY(after.offset, files.append(path_of_file(after), built.file));
  return std::optional<PackEntry>(std::move(after));
}

}  // namespace

Status remake_directory(Registry& registry) {
  DirectoryTables tree = registry.tree();
  std::vector<DirectoryStream> streams;
  ROOTLET_TRY(tree.visit_present([&](const DirectoryStream& stream) {
    streams.push_back(stream);
    return ok();
  }));
  for (const DirectoryStream& stream : streams) {
    ROOTLET_TRY(tree.remove_packs_of(stream.name));
    ROOTLET_TRY(touch_to_remake(tree, stream));
  }
  return ok();
}

Result<ResignedPacks> resign_packs(Realm& realm, const std::string& dataset,
                                   const SigningKey& publisher, UnixTime now) {
  Registry& registry = realm.registry();
  ResignedPacks done;
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry.packs(dataset));
  for (const PackEntry& pack : packs) {
    if (!pack.retired.has_value()) done.before.push_back(pack);
  }
  if (done.before.empty()) return done;
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(const std::int64_t file, registry.next_file_number(now));
  ROOTLET_TRY(transaction.commit());
  PackFiles files(realm.folder().repository());
  for (const PackEntry& pack : done.before) {
    ROOTLET_TRY(std::optional<PackEntry> after, resign(files, pack, file, publisher));
    if (after.has_value()) {
      done.after.push_back(*std::move(after));
    } else {
      ++done.damaged;
    }
  }
  ROOTLET_TRY(files.flush());
  return done;
}

Status take_resigned(Registry& registry, const ResignedPacks& packs, UnixTime now) {
  std::set<StreamName> streams;
  for (PackEntry pack : packs.before) {
    pack.retired = now;
    ROOTLET_TRY(registry.save_pack(pack));
    streams.insert(pack.stream);
  }
  for (const PackEntry& pack : packs.after) {
    ROOTLET_TRY(registry.save_pack(pack));
  }
  for (const StreamName& stream : streams) {
    ROOTLET_TRY(registry.touch_stream(stream));
  }
  return ok();
}

}  // namespace rootlet::platform
