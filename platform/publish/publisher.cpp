// The five steps that publisher.hpp lists, with reading, packing and copying in parallel.
#include "platform/publish/publisher.hpp"

#include <chrono>
#include <set>

#include "core/file/scratch.hpp"
#include "core/thread/parallel.hpp"
#include "platform/publish/publisher_version.hpp"
#include "platform/realm/find_dataset.hpp"
#include "platform/source/read_source.hpp"

namespace rootlet::platform {
namespace {

constexpr std::uint64_t kSoonOnDisk = 50'000;                  // changed rows; fewer commit fast
constexpr std::string_view kSettingPublishing = "publishing";  // a dataset's id, or ""

Status check_shared(const DatasetDefinition& definition) {
  if (definition.sharing != SharingAttribute::kNotShared) return ok();
  return fail(ErrorCode::kNotPermitted,
              "dataset " + definition.id + " is not shared, so it cannot be published");
}

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

// The heads and new packs that a state has committed or is about to commit.
struct Decision {
  std::map<std::string, StreamHead> heads;
  std::vector<PackEntry> fresh;
};

Result<Decision> decision_of(PublisherState& state) {
  Decision decision;
  ROOTLET_TRY(decision.heads, state.heads());
  ROOTLET_TRY(decision.fresh, state.fresh_packs());
  return decision;
}

// Steps 4 and 5: saves the decision in the registry and writes the repository. Commits only after
// `state_has_it` has returned, when the state is on disk.
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

// One call of publish_dataset().
class Publishing {
 public:
  Publishing(Realm& realm, const DatasetDefinition& definition, const PublishOptions& options,
             UnixTime now)
      : realm_(realm), definition_(definition), options_(options), now_(now) {}

  Result<PublishReport> run() {
    ROOTLET_TRY(const std::unique_ptr<RowSource> rows, options_.open_source());
    ROOTLET_TRY(PublisherState state, open_state());
    if (!options_.dry_run) {
      ROOTLET_TRY(const std::vector<PackEntry> fresh, state.fresh_packs());
      if (!fresh.empty()) {
        ROOTLET_TRY(take_over(realm_, state, definition_.id, now_));
      }
    }
    ROOTLET_TRY(UnchangedRows unchanged, state.unchanged_rows());
    std::future<Result<SourceTable>> reading = run_parallel([&] { return read(*rows, unchanged); });

    ROOTLET_TRY(const SigningKey publisher,
                realm_.registry().signing_key(publisher_role(definition_.provider_code)));
    PackFiles files(realm_.folder().repository());
    VersionMaker maker(definition_, state, unchanged, publisher,
                       options_.dry_run ? nullptr : &files, now_);
    ROOTLET_TRY(maker.load_heads());
    ROOTLET_TRY(load_packs(maker));
    ROOTLET_TRY(const SourceTable source, reading.get());
    ROOTLET_TRY(Transaction transaction, state.begin());
    ROOTLET_TRY(make_versions(source, maker));
    if (!options_.dry_run) {
      ROOTLET_TRY(publish(state, files, std::move(transaction), maker.report()));
    }
    return maker.report();
  }

 private:
  // A dry run of a dataset that was never published uses a temporary state.
  Result<PublisherState> open_state() {
    fs::path path = realm_.folder().state(definition_.id);
    std::error_code unknown;
    if (options_.dry_run && !fs::exists(path, unknown)) {
      ROOTLET_TRY(Scratch scratch, Scratch::make());
      scratch_.emplace(std::move(scratch));
      path = scratch_->path() / "state.db";
    }
    return PublisherState::open(path, realm_.key(), OpenMode::kCreate);
  }

  Result<SourceTable> read(RowSource& rows, UnchangedRows& unchanged) const {
    return read_source(definition_, rows,
                       {realm_.key(), definition_.source, unchanged,
                        [this](std::uint64_t done, std::uint64_t all) {
                          if (options_.progress) options_.progress("reading", done, all);
                        }});
  }

  // Steps 3 to 5. Commits the state and copies it from its WAL in parallel with making the
  // directory.
  Status publish(PublisherState& state, PackFiles& files, Transaction transaction,
                 const PublishReport& report) {
    ROOTLET_TRY(const Decision decision, decision_of(state));
    if (decision.fresh.empty()) {
      ROOTLET_TRY(transaction.commit());
      ROOTLET_TRY(realm_.registry().save_setting(kSettingPublishing, ""));
      return state.checkpoint();
    }
    const std::shared_future<Status> committed = run_parallel([&]() -> Status {
                                                   ROOTLET_TRY(files.flush());
                                                   return transaction.commit();
                                                 }).share();
    // take_over() opens a transaction of the registry, and other writers would wait while a large
    // state is still being committed.
    if (report.added + report.changed + report.removed > kSoonOnDisk) {
      ROOTLET_TRY(committed.get());
    }
    std::future<Status> copied = run_parallel([this, committed]() -> Status {
      ROOTLET_TRY(committed.get());
      return copy_state();
    });
    ROOTLET_TRY(take_over(realm_, decision, definition_.id, now_, [&] { return committed.get(); }));
    ROOTLET_TRY(copied.get());
    ROOTLET_TRY(state.forget_fresh_packs());
    return state.checkpoint();
  }

  // On its own connection, so that another thread can use the state at the same time.
  Status copy_state() {
    ROOTLET_TRY(PublisherState state, PublisherState::open(realm_.folder().state(definition_.id),
                                                           realm_.key(), OpenMode::kReadWrite));
    return state.copy_wal();
  }

  // Step 1: creates keys for new streams and collects the keys of all.
  Status prepare_keys(VersionMaker& maker, const std::vector<SourceTable::Part>& parts) {
    ROOTLET_TRY(std::vector<ContentKey> keys, realm_.registry().content_keys(definition_.id));
    std::set<std::pair<std::string, Grade>> known;
    for (const ContentKey& key : keys) known.emplace(key.stream.partition, key.grade);
    std::vector<ContentKey> fresh;
    for (const SourceTable::Part& part : parts) {
      for (const SectionSchema& section : definition_.sections()) {
        if (known.contains({part.partition, section.grade})) continue;
        fresh.push_back({.stream = {definition_.id, part.partition},
                         .grade = section.grade,
                         .epoch = 1,
                         .key = SymmetricKey::random()});
      }
    }
    if (!options_.dry_run) {
      ROOTLET_TRY(Transaction transaction, realm_.registry().begin());
      ROOTLET_TRY(realm_.registry().save_setting(kSettingPublishing, definition_.id));
      for (const ContentKey& key : fresh) {
        ROOTLET_TRY(realm_.registry().save_content_key(key));
      }
      ROOTLET_TRY(transaction.commit());
    }
    for (ContentKey& key : keys) maker.add_key(std::move(key));
    for (ContentKey& key : fresh) maker.add_key(std::move(key));
    return ok();
  }

  // A stream with damaged packs gets a snapshot instead.
  Status load_packs(VersionMaker& maker) {
    const PackFiles files(realm_.folder().repository());
    ROOTLET_TRY(const std::vector<PackEntry> packs, realm_.registry().packs(definition_.id));
    for (const PackEntry& pack : packs) {
      if (pack.retired.has_value()) continue;
      if (files.is_sound(pack)) {
        maker.add_pack(pack);
      } else {
        maker.repair(pack.stream.partition);
      }
    }
    return ok();
  }

  // Steps 1 and 2, and the content of step 3's transaction.
  Status make_versions(const SourceTable& source, VersionMaker& maker) {
    const std::vector<SourceTable::Part> parts = source.parts();
    ROOTLET_TRY(prepare_keys(maker, parts));
    ROOTLET_TRY(publish_parts(maker, parts));
    return maker.finish();
  }

  // Includes partitions that no longer have rows.
  Status publish_parts(VersionMaker& maker, const std::vector<SourceTable::Part>& parts) {
    std::map<std::string, std::span<const SourceRow>> wanted;
    for (const auto& [partition, head] : maker.heads()) wanted[partition] = {};
    for (const SourceTable::Part& part : parts) wanted[part.partition] = part.rows;
    std::uint64_t done = 0;
    for (const auto& [partition, rows] : wanted) {
      ROOTLET_TRY(maker.publish(partition, rows));
      if (options_.progress) options_.progress("packing", ++done, wanted.size());
    }
    return ok();
  }

  Realm& realm_;
  const DatasetDefinition& definition_;
  const PublishOptions& options_;
  UnixTime now_;
  std::optional<Scratch> scratch_;
};

}  // namespace

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

Result<PublishReport> publish_dataset(Realm& realm, const std::string& dataset,
                                      const PublishOptions& options, UnixTime now) {
  const auto start = std::chrono::steady_clock::now();
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  if (!options.dry_run) {
    ROOTLET_TRY(finish_interrupted(realm, now));
  }
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), dataset));
  ROOTLET_TRY(check_shared(definition));
  ROOTLET_TRY(PublishReport report, Publishing(realm, definition, options, now).run());
  report.dataset = dataset;
  report.dry_run = options.dry_run;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace rootlet::platform
