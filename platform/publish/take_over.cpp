// Also retires packs that no office needs or can use, and removes those that an interrupted run
// left behind.
#include "platform/publish/take_over.hpp"

#include <set>

#include "platform/packs/pack_policy.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

using Partitions = std::set<std::string>;

// Retires packs whose files are damaged, because no office can use them, and remembers the stamps
// of files that are sound. Reads only files whose stamp changed since the last check.
Status retire_damaged_packs(Realm& realm, const std::string& dataset, UnixTime now,
                            Partitions& changed) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const PackFilesReview review,
              review_pack_files(registry, PackFiles(realm.folder().repository()), dataset));
  for (PackEntry pack : review.damaged) {
    pack.retired = now;
    changed.insert(pack.stream.partition);
    ROOTLET_TRY(registry.save_pack(pack));
  }
  for (const PackFileEntry& file : review.restamped) {
    ROOTLET_TRY(registry.save_pack_file(file));
  }
  return ok();
}

// Retires packs that are on no cheapest path any more.
Status retire_packs(Registry& registry, const StreamName& name, UnixTime now) {
  ROOTLET_TRY(const std::optional<StreamEntry> stream, registry.stream(name));
  ROOTLET_TRY(std::vector<PackEntry> packs, registry.packs_of(name));
  std::erase_if(packs, [](const PackEntry& pack) { return pack.retired.has_value(); });
  std::vector<PackEdge> edges;
  for (const PackEntry& pack : packs) edges.push_back({pack.from, pack.to, pack.file_bytes});
  const std::vector<bool> keep = packs_worth_keeping(edges, stream ? stream->version : 0);
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) continue;
    packs[i].retired = now;
    ROOTLET_TRY(registry.save_pack(packs[i]));
  }
  return ok();
}

// Forgets packs that retired long ago, and removes files that have no others.
Status sweep_retired_packs(Realm& realm, const std::string& dataset, UnixTime now) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::vector<PackEntry> packs,
              registry.packs_retired(dataset, now - kRetiredPackLife));
  std::set<PackFileEntry> shrunk;
  for (const PackEntry& pack : packs) {
    ROOTLET_TRY(registry.remove_pack(pack));
    shrunk.insert(
        {.dataset = dataset, .group = group_of(pack.stream.partition), .file = pack.file});
  }
  PackFiles files(realm.folder().repository());
  for (const PackFileEntry& file : shrunk) {
    ROOTLET_TRY(const std::vector<PackEntry> left, registry.packs_in(file));
    if (!left.empty()) continue;
    ROOTLET_TRY(files.remove(path_of_file(file)));
    ROOTLET_TRY(registry.remove_pack_file(file));
  }
  return ok();
}

// Removes the files of packs that an interrupted run left behind. Those that `state` has committed
// are not in the registry yet.
Status remove_unknown_files(Realm& realm, PublisherState& state) {
  ROOTLET_TRY(const std::vector<PackFileEntry> files, realm.registry().pack_files(""));
  ROOTLET_TRY(const std::vector<PackEntry> fresh, state.fresh_packs());
  std::set<fs::path> known;
  const fs::path repository = realm.folder().repository();
  for (const PackFileEntry& file : files) known.insert(repository / path_of_file(file));
  for (const PackEntry& pack : fresh) known.insert(repository / path_of_file(pack));
  std::error_code code;
  for (fs::recursive_directory_iterator at(repository / "packs", code), end; !code && at != end;
       at.increment(code)) {
    if (at->is_regular_file(code) && !known.contains(at->path())) {
      ROOTLET_TRY(remove_file(at->path()));
    }
  }
  return ok();
}

// Packs and published rows of withdrawn datasets.
Status sweep_withdrawn(Realm& realm) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::vector<std::string> ids, registry.withdrawn_with_files());
  PackFiles files(realm.folder().repository());
  for (const std::string& id : ids) {
    ROOTLET_TRY(const std::vector<PackFileEntry> packs, registry.pack_files(id));
    for (const PackFileEntry& file : packs) {
      ROOTLET_TRY(files.remove(path_of_file(file)));
    }
    for (const char* part : {"-wal", "-shm", ""}) {
      ROOTLET_TRY(remove_file(realm.folder().state(id).string() + part));
    }
    ROOTLET_TRY(Transaction transaction, registry.begin());
    ROOTLET_TRY(registry.note_files_removed(id));
    ROOTLET_TRY(transaction.commit());
  }
  return ok();
}

}  // namespace

Result<Decision> decision_of(PublisherState& state) {
  Decision decision;
  ROOTLET_TRY(decision.heads, state.fresh_heads());
  ROOTLET_TRY(decision.fresh, state.fresh_packs());
  return decision;
}

Status take_over(Realm& realm, const Decision& decision, const std::string& dataset, UnixTime now,
                 const std::function<Status()>& state_has_it) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::vector<SectionSchema> sections,
              [&]() -> Result<std::vector<SectionSchema>> {
                ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, dataset));
                return definition.sections();
              }());
  ROOTLET_TRY(Transaction transaction, registry.begin());
  Partitions changed;
  for (const auto& [partition, head] : decision.heads) {
    changed.insert(partition);
    ROOTLET_TRY(registry.save_stream({.name = {dataset, partition},
                                      .version = head.version,
                                      .epoch = head.epoch,
                                      .rows = head.rows,
                                      .published = head.published,
                                      .digest = head.digests.at(sections.front().grade)}));
  }
  for (PackEntry pack : decision.fresh) {
    const auto head = decision.heads.find(pack.stream.partition);
    if (head != decision.heads.end()) pack.epoch = head->second.epoch;
    ROOTLET_TRY(registry.save_pack(pack));
  }
  ROOTLET_TRY(retire_damaged_packs(realm, dataset, now, changed));
  for (const std::string& partition : changed) {
    ROOTLET_TRY(retire_packs(registry, {dataset, partition}, now));
    ROOTLET_TRY(registry.touch_stream({dataset, partition}));
  }
  ROOTLET_TRY(sweep_retired_packs(realm, dataset, now));
  ROOTLET_TRY(registry.forget_finished_rekeys(dataset));
  ROOTLET_TRY(registry.save_setting(kSettingPublishing, ""));
  ROOTLET_TRY(stage_repository(realm, now));
  ROOTLET_TRY(state_has_it());
  ROOTLET_TRY(transaction.commit());
  return write_repository(realm, now);
}

Status take_over(Realm& realm, PublisherState& state, const std::string& dataset, UnixTime now) {
  ROOTLET_TRY(const Decision decision, decision_of(state));
  ROOTLET_TRY(take_over(realm, decision, dataset, now, [] { return ok(); }));
  return state.forget_fresh_packs();
}

Status finish_interrupted(Realm& realm, UnixTime now) {
  ROOTLET_TRY(const auto dataset, realm.registry().setting(kSettingPublishing));
  if (dataset.has_value() && !dataset->empty()) {
    ROOTLET_TRY(PublisherState state, PublisherState::open(realm.folder().state(*dataset),
                                                           realm.key(), OpenMode::kCreate));
    // Before taking over, which clears the setting.
    ROOTLET_TRY(remove_unknown_files(realm, state));
    ROOTLET_TRY(remove_unknown_directory_files(realm));
    ROOTLET_TRY(take_over(realm, state, *dataset, now));
  }
  ROOTLET_TRY(finish_interrupted_files(realm, now));
  return sweep_withdrawn(realm);
}

}  // namespace rootlet::platform
