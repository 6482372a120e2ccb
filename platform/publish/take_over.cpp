// Also retires packs that no office needs or can use, and removes those that an interrupted run
// left behind.
#include "platform/publish/take_over.hpp"

#include <set>

#include "platform/packs/pack_policy.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {
namespace {

// Retires packs whose files are damaged, because no office can use them. Reads only files whose
// stamp changed since the last check.
Status retire_damaged_packs(Realm& realm, const std::string& dataset, UnixTime now) {
  const PackFiles files(realm.folder().repository());
  ROOTLET_TRY(std::vector<PackEntry> packs, realm.registry().packs(dataset));
  for (PackEntry& pack : packs) {
    if (pack.retired.has_value()) continue;
    const std::string stamp = files.stamp_of(pack);
    if (!stamp.empty() && stamp == pack.file_stamp) continue;
    if (files.check(pack).has_value()) {
      pack.file_stamp = stamp;
    } else {
      pack.retired = now;
    }
    ROOTLET_TRY(realm.registry().save_pack(pack));
  }
  return ok();
}

// Retires packs that are on no cheapest path any more.
Status retire_packs(Registry& registry, const std::string& dataset, UnixTime now) {
  ROOTLET_TRY(const std::vector<StreamEntry> streams, registry.streams(dataset));
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry.packs(dataset));
  std::map<std::string, std::vector<PackEntry>> live;
  for (const PackEntry& pack : packs) {
    if (!pack.retired.has_value()) live[pack.stream.partition].push_back(pack);
  }
  for (const StreamEntry& stream : streams) {
    std::vector<PackEdge> edges;
    for (const PackEntry& pack : live[stream.name.partition]) {
      edges.push_back({pack.from, pack.to, pack.file_bytes});
    }
    const std::vector<bool> keep = packs_worth_keeping(edges, stream.version);
    for (std::size_t i = 0; i < keep.size(); ++i) {
      if (keep[i]) continue;
      PackEntry pack = live[stream.name.partition][i];
      pack.retired = now;
      ROOTLET_TRY(registry.save_pack(pack));
    }
  }
  return ok();
}

Status sweep_retired_packs(Realm& realm, const std::string& dataset, UnixTime now) {
  ROOTLET_TRY(const std::vector<PackEntry> packs, realm.registry().packs(dataset));
  PackFiles files(realm.folder().repository());
  for (const PackEntry& pack : packs) {
    if (!pack.retired.has_value() || now - *pack.retired < kRetiredPackLife) continue;
    ROOTLET_TRY(files.remove(pack_path(pack.id)));
    ROOTLET_TRY(realm.registry().remove_pack(pack.id));
  }
  return ok();
}

Status remove_unknown_files(const fs::path& folder, const std::set<std::string>& known) {
  std::error_code code;
  for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end;
       at.increment(code)) {
    if (at->is_regular_file(code) && !known.contains(at->path().filename().string())) {
      ROOTLET_TRY(remove_file(at->path()));
    }
  }
  return ok();
}

// Removes packs that an interrupted run left behind.
Status remove_unknown_packs(Realm& realm) {
  std::set<std::string> known;
  ROOTLET_TRY(const std::vector<PackEntry> packs, realm.registry().packs(""));
  for (const PackEntry& pack : packs) known.insert(fs::path(pack_path(pack.id)).filename());
  ROOTLET_TRY(const std::vector<DirectoryPackEntry> directory, realm.registry().directory_packs());
  for (const DirectoryPackEntry& pack : directory) {
    known.insert(fs::path(directory_pack_path(pack)).filename());
  }
  for (const char* folder : {"packs", "directory"}) {
    ROOTLET_TRY(remove_unknown_files(realm.folder().repository() / folder, known));
  }
  return ok();
}

}  // namespace

Result<Decision> decision_of(PublisherState& state) {
  Decision decision;
  ROOTLET_TRY(decision.heads, state.heads());
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
  for (const auto& [partition, head] : decision.heads) {
    ROOTLET_TRY(registry.save_stream({.name = {dataset, partition},
                                      .version = head.version,
                                      .epoch = head.epoch,
                                      .rows = head.rows,
                                      .published = head.published,
                                      .digest = head.digests.at(sections.front().grade)}));
  }
  for (const PackEntry& pack : decision.fresh) {
    ROOTLET_TRY(registry.save_pack(pack));
  }
  ROOTLET_TRY(retire_damaged_packs(realm, dataset, now));
  ROOTLET_TRY(retire_packs(registry, dataset, now));
  ROOTLET_TRY(sweep_retired_packs(realm, dataset, now));
  ROOTLET_TRY(registry.save_setting(kSettingPublishing, ""));
  ROOTLET_TRY(stage_repository(realm, now));
  ROOTLET_TRY(state_has_it());
  ROOTLET_TRY(transaction.commit());
  return write_repository(realm);
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
    ROOTLET_TRY(take_over(realm, state, *dataset, now));
    ROOTLET_TRY(remove_unknown_packs(realm));
  }
  return finish_interrupted_files(realm);
}

}  // namespace rootlet::platform
