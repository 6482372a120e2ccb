#include "platform/publisher_version.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <thread>

#include "platform/partition_image.hpp"

namespace rootlet {
namespace {

// Enough to keep every processor busy while this thread finds the next difference.
std::size_t packs_at_once() {
  return 2 * std::max(1U, std::thread::hardware_concurrency());
}

// On a thread of its own, or in this one when the system has no more.
template <typename Task>
auto run_beside(Task task) -> std::future<decltype(task())> {
  auto shared = std::make_shared<Task>(std::move(task));
  const auto run = [shared] { return (*shared)(); };
  try {
    return std::async(std::launch::async, run);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, run);
  }
}

// Every row of the stream as it stands now, as if all were new.
Result<Difference> all_rows(PublisherState& state, const StreamHead& head) {
  ROOTLET_TRY(HeldRows rows, state.rows_by_key(head));
  Difference all;
  HeldRow row;
  while (true) {
    ROOTLET_TRY(const bool more, rows(row));
    if (!more) break;
    all.inserts.push_back({row.rid, {}, {}, all.kept.emplace_back(row.image)});
  }
  std::sort(all.inserts.begin(), all.inserts.end(),
            [](const RowChange& a, const RowChange& b) { return a.rid < b.rid; });
  all.rows_after = all.inserts.size();
  return all;
}

}  // namespace

VersionMaker::VersionMaker(const DatasetDefinition& definition, PublisherState& state,
                           const SigningKey& publisher, PackFiles* files, UnixTime now)
    : definition_(definition),
      state_(state),
      publisher_(publisher),
      files_(files),
      now_(now),
      layout_(definition) {}

void VersionMaker::add_key(ContentKey key) {
  keys_[{key.stream.partition, key.grade, key.epoch}] = std::move(key.key);
}

void VersionMaker::add_pack(const PackEntry& pack) {
  packs_[pack.stream.partition].push_back({pack.from, pack.to, pack.file_bytes});
}

Status VersionMaker::load_heads() {
  ROOTLET_TRY(heads_, state_.heads());
  return ok();
}

Result<std::vector<SymmetricKey>> VersionMaker::keys_of(const StreamHead& head) const {
  std::vector<SymmetricKey> keys;
  for (const SectionSchema& section : layout_.sections()) {
    const auto found = keys_.find({head.partition, section.grade, head.epoch});
    if (found == keys_.end()) {
      return fail(ErrorCode::kStorageDamaged,
                  "registry: no key for " + definition_.id + "/" + head.partition);
    }
    keys.push_back(found->second.clone());
  }
  return keys;
}

Status VersionMaker::publish(const std::string& partition, std::span<const SourceRow> rows) {
  StreamHead& head = heads_[partition];
  head.partition = partition;
  ROOTLET_TRY(const HeldRows held, state_.rows_by_key(head));
  ROOTLET_TRY(Difference found, find_difference(held, rows));
  const auto change = std::make_shared<const Difference>(std::move(found));
  const Difference& difference = *change;
  report_.rows += difference.rows_after;
  if (difference.empty()) return mend_if_needed(head);
  report_.added += difference.inserts.size();
  report_.changed += difference.updates.size();
  report_.removed += difference.deletes.size();
  ++report_.partitions;

  ROOTLET_TRY(std::vector<SymmetricKey> keys, keys_of(head));
  std::vector<SectionDigest> before;
  for (const SectionSchema& section : layout_.sections()) {
    before.emplace_back(head.digests[section.grade]);
  }
  ROOTLET_TRY(PackContent content, pack_content(layout_, {keys, before}, difference));
  ++head.version;
  head.rows = difference.rows_after;
  head.published = now_;
  for (const SectionChanges& section : content.sections) {
    head.digests[section.schema.grade] = section.after.value();
  }
  ROOTLET_TRY(state_.save_head(head));
  ROOTLET_TRY(state_.apply(head, difference));
  ROOTLET_TRY(wait_for_room(packs_at_once()));
  start(head, change, std::move(content), std::move(keys));
  return ok();
}

void VersionMaker::start(const StreamHead& head, std::shared_ptr<const Difference> change,
                         PackContent content, std::vector<SymmetricKey> keys) {
  const PackSpec spec{.stream = {definition_.id, head.partition},
                      .from = change == nullptr ? 0 : head.version - 1,
                      .to = head.version,
                      .epoch = head.epoch};
  auto build = [this, spec, change = std::move(change), content = std::move(content),
                keys = std::move(keys), publisher = SigningKey::from_seed(publisher_.seed())] {
    if (spec.from == 0) return build_checked_pack(spec, content.sections, keys, publisher, {});
    const PartitionImage before = PartitionImage::before(*change);
    const ImageTables bases(layout_, before);
    return build_checked_pack(spec, content.sections, keys, publisher, bases.tables());
  };
  pending_.push_back({head.partition, spec.from, head.version, run_beside(std::move(build))});
}

Status VersionMaker::take_oldest() {
  Pending oldest = std::move(pending_.front());
  pending_.pop_front();
  ROOTLET_TRY(const BuiltPack pack, oldest.pack.get());
  ++report_.packs;
  report_.bytes += pack.file.size();
  const PackEntry entry{.id = pack.header.id,
                        .stream = pack.header.stream,
                        .from = oldest.from,
                        .to = oldest.to,
                        .file_bytes = pack.file.size(),
                        .header_bytes = pack.header.header_bytes};
  if (files_ != nullptr) {
    ROOTLET_TRY(files_->write(pack_path(entry.id), pack.file));
  }
  ROOTLET_TRY(state_.save_fresh_pack(entry));
  add_pack(entry);
  const StreamHead& head = heads_.at(oldest.partition);
  if (oldest.from > 0 && snapshot_is_due(packs_[oldest.partition], head.version)) {
    return add_snapshot(head);
  }
  return ok();
}

Status VersionMaker::add_snapshot(const StreamHead& head) {
  ROOTLET_TRY(const Difference all, all_rows(state_, head));
  ROOTLET_TRY(std::vector<SymmetricKey> keys, keys_of(head));
  const std::vector<SectionDigest> before(layout_.sections().size());
  ROOTLET_TRY(PackContent content, pack_content(layout_, {keys, before}, all));
  for (const SectionChanges& section : content.sections) {
    if (section.after.value() == head.digests.at(section.schema.grade)) continue;
    return fail(ErrorCode::kStorageDamaged, "state of " + definition_.id + "/" + head.partition +
                                                ": its rows do not give its digest");
  }
  start(head, nullptr, std::move(content), std::move(keys));
  return ok();
}

void VersionMaker::mend(const std::string& partition) {
  to_mend_.insert(partition);
}

Status VersionMaker::mend_if_needed(const StreamHead& head) {
  const bool needed =
      to_mend_.contains(head.partition) && snapshot_is_due(packs_[head.partition], head.version);
  return needed ? add_snapshot(head) : ok();
}

Status VersionMaker::wait_for_room(std::size_t room) {
  while (pending_.size() >= room) {
    ROOTLET_TRY(take_oldest());
  }
  return ok();
}

Status VersionMaker::finish() {
  return wait_for_room(1);
}

}  // namespace rootlet
