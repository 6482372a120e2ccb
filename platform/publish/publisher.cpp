// The five steps that publisher.hpp lists, with reading, packing and copying in parallel.
#include "platform/publish/publisher.hpp"

#include <chrono>
#include <map>
#include <set>

#include "core/file/scratch.hpp"
#include "core/thread/parallel.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/publish/publisher_version.hpp"
#include "platform/publish/take_over.hpp"
#include "platform/realm/find_dataset.hpp"
#include "platform/source/read_source.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kSettingEndsChecked = "grant_ends_checked";  // when, in Unix seconds
constexpr std::uint64_t kSoonOnDisk = 50'000;  // changed rows; fewer commit fast

Status check_shared(const DatasetDefinition& definition) {
  if (definition.sharing != SharingAttribute::kNotShared) return ok();
  return fail(ErrorCode::kNotPermitted,
              "dataset " + definition.id + " is not shared, so it cannot be published");
}

// One call of publish_dataset().
class Publishing {
 public:
  Publishing(Realm& realm, const DatasetDefinition& definition, const PublishOptions& options,
             UnixTime now)
      : realm_(realm),
        definition_(definition),
        options_(options),
        now_(now),
        files_(realm.folder().repository()) {}

  // Reads the source, if there is one. Needs no lock but the dataset's, so that a slow source holds
  // up nobody.
  Status read_rows() {
    if (options_.restore.has_value() || options_.rekey) return ok();
    ROOTLET_TRY(const std::unique_ptr<RowSource> rows, options_.open_source());
    ROOTLET_TRY(control_, control_of(*rows));
    if (!control_ && !options_.is_change_list) {
      ROOTLET_TRY(PublisherState state, open_state());
      ROOTLET_TRY(unchanged_, state.unchanged_rows());
    }
    ROOTLET_TRY(source_, read(*rows));
    mark_ = rows->marking();
    return ok();
  }

  // Marks what was read as taken, if the source keeps such marks: only what was published. Returns
  // why it could not.
  std::optional<Error> mark(const PublishReport& report) const {
    if (!mark_ || options_.dry_run || report.doubt != ChangeDoubt::kNone) return std::nullopt;
    const Status marked = mark_();
    return marked.has_value() ? std::nullopt : std::optional(marked.error());
  }

  void continue_at(UnixTime now) { now_ = now; }  // reading took time

  // With the realm's lock.
  Result<PublishReport> run() {
    ROOTLET_TRY(PublisherState state, open_state());
    if (!options_.dry_run) {
      ROOTLET_TRY(const std::vector<PackEntry> fresh, state.fresh_packs());
      if (!fresh.empty()) {
        ROOTLET_TRY(take_over(realm_, state, definition_.id, now_));
      }
    }
    ROOTLET_TRY(const SigningKey publisher,
                realm_.registry().signing_key(publisher_role(definition_.provider_code)));
    VersionMaker maker(definition_, state, unchanged_, publisher, now_);
    maker.skip_versions(options_.skipped_versions);
    ROOTLET_TRY(maker.load_heads());
    ROOTLET_TRY(load_packs(maker));
    if (control_) {
      ROOTLET_TRY(check_newest(*control_));
    }
    if (!source_.set_aside.empty()) {
      ROOTLET_TRY(options_.save_set_aside(definition_, source_.set_aside));
    }
    KeptKeys kept;
    for (const SetAsideRow& row : source_.set_aside) kept.insert(row.key);
    maker.keep_rows(std::move(kept));
    ROOTLET_TRY(const std::uint64_t not_there, use_list(source_, state, maker));
    ROOTLET_TRY(Transaction transaction, state.begin());
    PublishReport refused;
    ROOTLET_TRY(const bool accepted, make_versions(source_, state, maker, refused));
    if (!accepted) return refused;
    PublishReport report = maker.report();
    report.restored = options_.restore;
    report.blank_ends = source_.blank_ends;
    report.are_blanks_dropped = definition_.trim || options_.mapping.trims;
    report.not_there = not_there;
    if (options_.is_change_list) {
      report.unchanged = report.before - report.changed - report.removed;
    }
    if (control_) report.control = control_->totals();
    report.set_aside = source_.set_aside.size();
    ROOTLET_TRY(report.version, log_version(state, maker));
    if (!options_.dry_run) {
      ROOTLET_TRY(publish(state, std::move(transaction), report));
      ROOTLET_TRY(save_newest());
    }
    return report;
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

  Result<std::optional<Control>> control_of(const RowSource& rows) const {
    const std::string own = rows.control_totals();
    const std::string& text = options_.control.empty() ? own : options_.control;
    if (text.empty()) return std::optional<Control>();
    ROOTLET_TRY(Control control, Control::parse(text, definition_, "control totals"));
    return std::optional(std::move(control));
  }

  // A source whose newest values are older than those published is a copy that lags behind.
  Status check_newest(const Control& control) {
    for (const auto& [column, newest] : control.newest()) {
      const std::string setting = newest_setting(column);
      ROOTLET_TRY(const std::optional<std::string> before, realm_.registry().setting(setting));
      if (!before || newest >= *before || options_.accept_older) continue;
      return Error(
          ErrorCode::kBadInput,
          "column " + column + ": the newest value is " + visible_text(newest) +
              ", at the last publish it was " + visible_text(*before),
          column,
          {.en = "Is the source a copy that lags behind? If the newest rows were really "
                 "removed, publish with --accept-older.",
           .zh = "数据源可能是滞后的副本。若最新的行确已删除，请加 --accept-older 发布。"});
    }
    newest_ = control.newest();
    return ok();
  }
  std::string newest_setting(const std::string& column) const {
    return "newest/" + definition_.id + "/" + column;
  }
  Status save_newest() {
    for (const auto& [column, newest] : newest_) {
      ROOTLET_TRY(realm_.registry().save_setting(newest_setting(column), newest));
    }
    return ok();
  }

  Result<SourceTable> read(RowSource& rows) {
    return read_source(rows, {.fingerprint_secret = realm_.key(),
                              .dataset = definition_,
                              .unchanged = unchanged_,
                              .progress =
                                  [this](std::uint64_t done, std::uint64_t all) {
                                    if (options_.progress) options_.progress("reading", done, all);
                                  },
                              .control = control_ ? &*control_ : nullptr,
                              .set_aside_percent = options_.set_aside_percent,
                              .is_change_list = options_.is_change_list,
                              .mapping = options_.mapping,
                              .newest = options_.newest});
  }

  // How many rows the list deletes that are not there; 0 if the source is no list of changes.
  Result<std::uint64_t> use_list(const SourceTable& source, PublisherState& state,
                                 VersionMaker& maker) {
    if (!options_.is_change_list) return std::uint64_t{0};
    std::uint64_t deletions = 0;
    for (const SourceTable::Part& part : source.parts()) {
      const bool is_deleted = part.partition == SourceTable::kDeletions;
      for (const SourceRow& row : part.rows) named_.emplace(row.key(), is_deleted);
      if (is_deleted) deletions += part.rows.size();
    }
    ROOTLET_TRY(PublisherState::Named held, state.find_named(named_));
    maker.use_list(named_, std::move(held.streams));
    return deletions - held.deletions;
  }

  // Steps 3 to 5. Commits the state and copies it from its WAL in parallel with making the
  // directory.
  Status publish(PublisherState& state, Transaction transaction, const PublishReport& report) {
    ROOTLET_TRY(const Decision decision, decision_of(state));
    if (decision.fresh.empty()) {
      ROOTLET_TRY(transaction.commit());
      ROOTLET_TRY(realm_.registry().save_setting(kSettingPublishing, ""));
      return state.checkpoint();
    }
    const std::shared_future<Status> committed = run_parallel([&]() -> Status {
                                                   ROOTLET_TRY(files_.flush());
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

  // Step 1: creates the dataset's keys for grades that have none, and takes a number for the files
  // of packs.
  Status prepare_keys(VersionMaker& maker) {
    ROOTLET_TRY(std::vector<ContentKey> keys, realm_.registry().content_keys(definition_.id));
    std::set<std::pair<std::uint32_t, Grade>> known;
    std::set<std::uint32_t> epochs{1};
    for (const ContentKey& key : keys) {
      known.emplace(key.epoch, key.grade);
      epochs.insert(key.epoch);
    }
    std::vector<ContentKey> fresh;
    for (const std::uint32_t epoch : epochs) {
      for (const SectionSchema& section : definition_.sections()) {
        if (known.contains({epoch, section.grade})) continue;
        fresh.push_back({.stream = {definition_.id, "all"},
                         .grade = section.grade,
                         .epoch = epoch,
                         .key = SymmetricKey::random()});
      }
    }
    if (!options_.dry_run) {
      ROOTLET_TRY(Transaction transaction, realm_.registry().begin());
      ROOTLET_TRY(realm_.registry().save_setting(kSettingPublishing, definition_.id));
      ROOTLET_TRY(const std::int64_t file, realm_.registry().next_file_number(now_));
      for (const ContentKey& key : fresh) {
        ROOTLET_TRY(realm_.registry().save_content_key(key));
        ROOTLET_TRY(realm_.registry().touch_keys(key.stream));
      }
      ROOTLET_TRY(transaction.commit());
      maker.write_to(files_, file);
    }
    std::move(fresh.begin(), fresh.end(), std::back_inserter(keys));
    maker.use_keys(std::move(keys));
    return ok();
  }

  // A stream with damaged packs gets a snapshot instead.
  Status load_packs(VersionMaker& maker) {
    ROOTLET_TRY(const PackFilesReview review,
                review_pack_files(realm_.registry(), files_, definition_.id));
    for (const PackEntry& pack : review.damaged) maker.repair(pack.stream.partition);
    ROOTLET_TRY(realm_.registry().visit_packs(definition_.id, [&](const PackEntry& pack) -> Status {
      if (!pack.retired.has_value() && !review.damaged.contains(pack)) maker.add_pack(pack);
      return ok();
    }));
    maker.repair_unreachable();
    return ok();
  }

  using Partitions = std::map<std::string, std::span<const SourceRow>>;

  // Steps 1 and 2, and the content of step 3's transaction. False, with the figures in `refused`,
  // if the new state is doubtful; then nothing was written.
  Result<bool> make_versions(const SourceTable& source, PublisherState& state, VersionMaker& maker,
                             PublishReport& refused) {
    if (options_.restore.has_value()) {
      ROOTLET_TRY(restore_version(state, maker));
      return true;
    }
    if (options_.rekey) {
      ROOTLET_TRY(rekey_streams(maker));
      return true;
    }
    const std::vector<SourceTable::Part> parts = source.parts();
    Partitions wanted;  // also partitions that no longer have rows
    for (const auto& [partition, head] : maker.heads()) wanted[partition] = {};
    for (const SourceTable::Part& part : parts) {
      if (part.partition != SourceTable::kDeletions) wanted[part.partition] = part.rows;
    }
    ROOTLET_TRY(const bool accepted, check_changes(wanted, maker, refused));
    if (!accepted) return false;
    ROOTLET_TRY(prepare_keys(maker));
    ROOTLET_TRY(publish_parts(maker, wanted));
    ROOTLET_TRY(maker.finish());
    return true;
  }

  // Counts the changes before anything is made of them, if they could be too many.
  Result<bool> check_changes(const Partitions& wanted, VersionMaker& maker,
                             PublishReport& refused) const {
    const int accepted = options_.accept_changes.value_or(definition_.accept_changes);
    ChangeFigures most, found;
    for (const auto& [partition, rows] : wanted) most += maker.most_changes(partition);
    if (options_.is_change_list)
      most.changed = std::min<std::uint64_t>(most.changed, named_.size());
    if (most.needed_percent() <= accepted) return true;
    for (const auto& [partition, rows] : wanted) {
      ROOTLET_TRY(const ChangeFigures figures, maker.count(partition, rows));
      found += figures;
      if (figures.before > 0 && figures.after == 0) refused.emptied.push_back(partition);
    }
    refused.doubt = doubt_about(found, accepted);
    refused.accepted_percent = accepted;
    refused.before = found.before;
    refused.rows = found.after;
    refused.added = found.added;
    refused.changed = found.changed;
    refused.removed = found.removed;
    return refused.doubt == ChangeDoubt::kNone;
  }

  Status publish_parts(VersionMaker& maker, const Partitions& wanted) {
    std::uint64_t done = 0;
    for (const auto& [partition, rows] : wanted) {
      ROOTLET_TRY(maker.publish(partition, rows));
      if (options_.progress) options_.progress("packing", ++done, wanted.size());
    }
    return ok();
  }

  Status restore_version(PublisherState& state, VersionMaker& maker) {
    ROOTLET_TRY(const std::vector<DatasetVersion> versions, state.publish_log().versions());
    ROOTLET_TRY(check_restorable(versions));
    ROOTLET_TRY(const StreamVersions then, state.publish_log().streams_at(*options_.restore));
    ROOTLET_TRY(prepare_keys(maker));
    std::vector<std::string> partitions;
    for (const auto& [partition, head] : maker.heads()) partitions.push_back(partition);
    std::uint64_t done = 0;
    for (const std::string& partition : partitions) {
      const auto version = then.find(maker.heads().at(partition).number);
      ROOTLET_TRY(maker.restore(partition, version == then.end() ? 0 : version->second));
      if (options_.progress) options_.progress("packing", ++done, partitions.size());
    }
    return maker.finish();
  }

  Status rekey_streams(VersionMaker& maker) {
    ROOTLET_TRY(const std::vector<Registry::Rekey> waiting,
                realm_.registry().rekeys_of(definition_.id));
    ROOTLET_TRY(prepare_keys(maker));
    std::vector<std::string> partitions;
    for (const auto& [partition, head] : maker.heads()) {
      const bool waits = std::ranges::any_of(waiting, [&](const Registry::Rekey& one) {
        return head.epoch < one.epoch && division_covers(one.division, partition);
      });
      if (waits) partitions.push_back(partition);
    }
    std::uint64_t done = 0;
    for (const std::string& partition : partitions) {
      ROOTLET_TRY(maker.rekey(partition));
      if (options_.progress) options_.progress("packing", ++done, partitions.size());
    }
    return maker.finish();
  }

  Status check_restorable(const std::vector<DatasetVersion>& versions) const {
    std::string known;
    for (const DatasetVersion& version : versions) {
      if (version.number == *options_.restore) return ok();
      if (version.number != versions.back().number) {
        known += (known.empty() ? "" : ", ") + std::to_string(version.number);
      }
    }
    Error error =
        fail(ErrorCode::kUsage,
             "dataset " + definition_.id + ": version " + std::to_string(*options_.restore) +
                 " cannot be restored; these can: " + (known.empty() ? "none yet" : known));
    error.field = "restore";
    return error;
  }

  // The dataset's version after this publish: a new one if a stream changed.
  Result<Version> log_version(PublisherState& state, const VersionMaker& maker) const {
    if (maker.changed_streams().empty()) {
      ROOTLET_TRY(const std::vector<DatasetVersion> versions, state.publish_log().versions());
      return versions.empty() ? 0 : versions.back().number;
    }
    const PublishReport& report = maker.report();
    return state.publish_log().add({.published = now_,
                                    .rows = report.rows,
                                    .added = report.added,
                                    .changed = report.changed,
                                    .removed = report.removed,
                                    .restored = options_.restore},
                                   maker.changed_streams());
  }

  Realm& realm_;
  const DatasetDefinition& definition_;
  const PublishOptions& options_;
  UnixTime now_;
  std::function<Status()> mark_ = {};    // what was read as taken, in its source
  std::optional<Control> control_ = {};  // the totals of the source's owner
  UnchangedRows unchanged_ = {};
  SourceTable source_ = {};
  PackFiles files_;
  std::optional<Scratch> scratch_;
  NamedKeys named_;                                 // by a list of changes
  std::map<std::string, std::string> newest_ = {};  // by column, if the source has such totals
};

// What comes later is not for an office whose grant has ended since the last publish.
Status queue_rekeys_of_ended(Registry& registry, UnixTime now) {
  ROOTLET_TRY(const std::uint64_t last, registry.number_setting(kSettingEndsChecked, 0));
  const UnixTime before{std::chrono::seconds(static_cast<std::int64_t>(last))};
  if (before >= now) return ok();
  ROOTLET_TRY(const std::vector<Registry::Naming> ended, registry.grants_ending(before, now));
  std::map<std::string, std::vector<std::string>> divisions;  // by dataset
  for (const Registry::Naming& one : ended) {
    ROOTLET_TRY(const std::vector<Grant> grants, registry.grants_of(one.office));
    for (const Grant& grant : grants) {
      if (grant.dataset != one.dataset) continue;
      std::vector<std::string>& all = divisions[grant.dataset];
      all.insert(all.end(), grant.divisions.begin(), grant.divisions.end());
    }
  }
  ROOTLET_TRY(Transaction transaction, registry.begin());
  for (const auto& [dataset, named] : divisions) {
    ROOTLET_TRY(registry.queue_rekeys(dataset, named));
  }
  ROOTLET_TRY(registry.save_setting(kSettingEndsChecked, std::to_string(unix_s(now))));
  return transaction.commit();
}

// How many streams. The rows of a dataset that is no longer shared move too.
Result<std::size_t> rekey_dataset(Realm& realm, const std::string& dataset, UnixTime now,
                                  Version skipped_versions = 0) {
  ROOTLET_TRY(const std::vector<Registry::Rekey> waiting, realm.registry().rekeys_of(dataset));
  if (waiting.empty()) return std::size_t{0};
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), dataset));
  PublishOptions options;
  options.rekey = true;
  options.skipped_versions = skipped_versions;
  ROOTLET_TRY(const PublishReport report, Publishing(realm, definition, options, now).run());
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  ROOTLET_TRY(realm.registry().forget_finished_rekeys(dataset));
  ROOTLET_TRY(transaction.commit());
  return static_cast<std::size_t>(report.partitions);
}

// It may have been edited or withdrawn while the source was read.
Status check_same(Realm& realm, const DatasetDefinition& read_by) {
  ROOTLET_TRY(const DatasetDefinition now, find_dataset(realm.registry(), read_by.id));
  if (now.source == read_by.source) return ok();
  return fail(ErrorCode::kBusy, "the definition of " + read_by.id +
                                    " changed while the source was read; nothing was published");
}

}  // namespace

Result<std::size_t> finish_rekeys(Realm& realm, UnixTime now, Version skipped_versions) {
  ROOTLET_TRY(const std::vector<std::string> datasets, realm.registry().datasets_to_rekey());
  std::size_t streams = 0;
  for (const std::string& dataset : datasets) {
    ROOTLET_TRY(const std::size_t count, rekey_dataset(realm, dataset, now, skipped_versions));
    streams += count;
  }
  return streams;
}

Result<PublishReport> publish_dataset(Realm& realm, const std::string& dataset,
                                      const PublishOptions& options, UnixTime now) {
  const auto start = std::chrono::steady_clock::now();
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), dataset));
  ROOTLET_TRY(check_shared(definition));
  std::optional<FileLock> alone;
  if (!options.dry_run || fs::exists(realm.folder().state(dataset))) {
    ROOTLET_TRY(FileLock held, lock_dataset(realm.folder(), dataset));
    alone.emplace(std::move(held));
  }
  Publishing publishing(realm, definition, options, now);
  ROOTLET_TRY(publishing.read_rows());
  ROOTLET_TRY(FileLock held_realm, lock_realm(realm.folder()));
  std::optional<FileLock> lock(std::move(held_realm));
  now += std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
  publishing.continue_at(now);
  ROOTLET_TRY(check_same(realm, definition));
  if (!options.dry_run) {
    ROOTLET_TRY(finish_interrupted(realm, now));
    ROOTLET_TRY(queue_rekeys_of_ended(realm.registry(), now));
    ROOTLET_TRY(rekey_dataset(realm, dataset, now));
  }
  ROOTLET_TRY(PublishReport report, publishing.run());
  report.dataset = dataset;
  report.dry_run = options.dry_run;
  lock.reset();  // another program may make us wait for its rows
  report.not_marked = publishing.mark(report);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

Result<std::vector<DatasetVersion>> dataset_versions(Realm& realm, const std::string& dataset) {
  const fs::path path = realm.folder().state(dataset);
  std::error_code code;
  if (!fs::exists(path, code)) return std::vector<DatasetVersion>();
  // Not read-only, so that the file of an older program gets its tables.
  ROOTLET_TRY(PublisherState state, PublisherState::open(path, realm.key(), OpenMode::kReadWrite));
  return state.publish_log().versions();
}

}  // namespace rootlet::platform
