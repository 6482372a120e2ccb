#include "platform/repository/directory_writer.hpp"

#include <algorithm>
#include <future>

#include "core/limits.hpp"
#include "core/thread/parallel.hpp"
#include "platform/packs/pack_policy.hpp"
#include "platform/repository/repository.hpp"
#include "platform/source/rows/row_image.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr Grade kGrade = 1;                // of the one section of every stream of the directory
constexpr std::size_t kPrimingRows = 128;  // few, because every publish makes such packs
const std::vector<std::size_t> kKeyColumns{0, 1};  // kind, id
constexpr std::size_t kNewsDigits = 4;

std::string key_of(const DirectoryRow& row) {
  std::string key;
  append_key_cell(key, {CellView::Kind::kInteger, static_cast<std::int64_t>(row.kind), {}});
  append_key_cell(key, {CellView::Kind::kText, 0, row.id});
  if (row.kind != DirectoryKind::kPack) return key;
  append_key_cell(key, {CellView::Kind::kInteger, row.a, {}});
  append_key_cell(key, {CellView::Kind::kInteger, row.b, {}});
  return key;
}

std::string image_of(const DirectoryRow& row) {
  RowBlock block;
  push_directory_row(block, 0, row);
  std::string image;
  for (const CellColumn& column : block.columns) append_image_cell(image, column.at(0));
  return image;
}

// The nodes that news carry.
bool is_in_news(const StreamName& stream) {
  return stream == node_stream(stream.partition) && stream.partition.size() <= kNewsDigits;
}

bool is_root(const StreamName& stream) {
  return stream == node_stream("all");
}

std::vector<PackEdge> edges_of(const std::vector<PackEntry>& packs) {
  std::vector<PackEdge> edges;
  for (const PackEntry& pack : packs) edges.push_back({pack.from, pack.to, pack.file_bytes});
  return edges;
}

PastVersion version_of(const DirectoryStream& stream) {
  return {.version = stream.version, .digests = {{kGrade, stream.digest}}};
}

}  // namespace

void add_growing_row(SourceTable& rows, const DirectoryRow& row) {
  rows.add("all", key_of(row), image_of(row), 0);
}

Result<std::string> root_node_path(ByteView pack) {
  return published_target_name(kRootNodeTarget, describe_target(pack));
}

struct DirectoryWriter::Job {
  Snapshot* snapshot = nullptr;
  DirectoryStream stream;  // with the new version
  SymmetricKey key;
  SectionChanges changes;
};

Result<DirectoryWriter> DirectoryWriter::make(Realm& realm, UnixTime now) {
  ROOTLET_TRY(SigningKey signer, realm.registry().signing_key("directory"));
  ROOTLET_TRY(SymmetricKey secret, realm.registry().secret("directory-content"));
  return DirectoryWriter(realm, now, std::move(signer), std::move(secret));
}

DirectoryWriter::DirectoryWriter(Realm& realm, UnixTime now, SigningKey signer, SymmetricKey secret)
    : realm_(&realm),
      now_(now),
      signer_(std::make_unique<SigningKey>(std::move(signer))),
      secret_(std::move(secret)),
      maker_(std::make_unique<PackMaker>(SectionLayout(directory_schema()), kKeyColumns, *signer_)),
      files_(realm.folder().repository()) {}

// --- streams of one pack ------------------------------------------------------------------------

// None if the stream stays as it is.
Result<std::optional<DirectoryWriter::Job>> DirectoryWriter::job_of(Snapshot& snapshot) {
  DirectoryTables tree = realm_->registry().tree();
  if (snapshot.rows.empty() && !snapshot.may_be_empty) {
    ROOTLET_TRY(snapshot.has_changed, withdraw(snapshot.stream));
    return std::optional<Job>();
  }
  Job job{.snapshot = &snapshot, .stream = {}, .key = {}, .changes = {}};
  job.key = key_of(snapshot.key_stream.dataset.empty() ? snapshot.stream : snapshot.key_stream);
  job.changes.schema = directory_schema();
  job.changes.inserts.columns.resize(job.changes.schema.columns.size());
  std::ranges::sort(snapshot.rows, is_before);
  Rid rid = 0;
  for (const DirectoryRow& row : snapshot.rows) {
    push_directory_row(job.changes.inserts, rid++, row);
  }
  job.changes.after.add(digest_key(job.key), job.changes.inserts);
  ROOTLET_TRY(job.stream, tree.stream(snapshot.stream));
  const Hash256& digest = job.changes.after.value();
  if (job.stream.is_present && job.stream.version > 0 && job.stream.digest == digest) {
    ROOTLET_TRY(const std::vector<PackEntry> packs, tree.packs_of(snapshot.stream));
    if (!packs.empty()) return std::optional<Job>();
  }
  snapshot.has_changed = true;
  ++job.stream.version;
  job.stream.about = snapshot.about;
  job.stream.rows = snapshot.rows.size();
  job.stream.published = now_;
  job.stream.digest = digest;
  job.stream.is_present = true;
  snapshot.rows = {};
  return std::optional<Job>(std::move(job));
}

Result<BuiltPack> DirectoryWriter::build(const Job& job) const {
  const PackSpec spec{.stream = job.stream.name,
                      .from = 0,
                      .to = job.stream.version,
                      .epoch = 1,
                      .priming_rows = kPrimingRows};
  const SymmetricKey* key = &job.key;
  ROOTLET_TRY(BuiltPack pack, build_checked_pack(spec, std::span(&job.changes, 1),
                                                 std::span(key, 1), *signer_, {}));
  if (pack.file.size() <= limits::kNodeBytes) return pack;
  return fail(ErrorCode::kBadInput, "directory: " + job.stream.name.text() + " takes " +
                                        std::to_string(pack.file.size()) +
                                        " bytes, more than a node may have");
}

Status DirectoryWriter::save(Job& job, const BuiltPack& pack) {
  DirectoryTables tree = realm_->registry().tree();
  const StreamName& name = job.stream.name;
  ROOTLET_TRY(tree.remove_packs_of(name));
  if (is_root(name)) {
    ROOTLET_TRY(save_root({.id = pack.header.id,
                           .stream = name,
                           .to = job.stream.version,
                           .file_bytes = pack.file.size(),
                           .header_bytes = pack.header.header_bytes},
                          pack.file));
  } else {
    ROOTLET_TRY(write(pack));
  }
  if (is_in_news(name)) {
    ROOTLET_TRY(tree.save_node_pack(name.partition, pack.file));
  }
  return tree.save_stream(job.stream);
}

// The root node is a file of its own, named by its hash. The one before it stays for a while.
Status DirectoryWriter::save_root(const PackEntry& entry, ByteView pack) {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(const std::optional<Bytes> before, tree.node_pack(entry.stream.partition));
  if (before.has_value()) {
    ROOTLET_TRY(const std::string old, root_node_path(*before));
    ROOTLET_TRY(tree.save_old_file(old, now_));
  }
  ROOTLET_TRY(const std::string path, root_node_path(pack));
  ROOTLET_TRY(files_.append(path, pack));
  has_written_ = true;
  return tree.save_pack(entry);
}

Status DirectoryWriter::publish(std::span<Snapshot> snapshots) {
  std::vector<Job> jobs;
  for (Snapshot& snapshot : snapshots) {
    ROOTLET_TRY(std::optional<Job> job, job_of(snapshot));
    if (job.has_value()) jobs.push_back(*std::move(job));
  }
  std::vector<Result<BuiltPack>> packs(jobs.size(), fail(ErrorCode::kInternal, "not built"));
  const auto build_each_second = [&](std::size_t first) {
    for (std::size_t i = first; i < jobs.size(); i += 2) packs[i] = build(jobs[i]);
    return true;
  };
  std::future<bool> others;
  if (jobs.size() > 1) others = run_parallel([&] { return build_each_second(1); });
  build_each_second(0);
  if (others.valid()) others.get();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ROOTLET_TRY(const BuiltPack pack, std::move(packs[i]));
    ROOTLET_TRY(save(jobs[i], pack));
  }
  return ok();
}

Result<bool> DirectoryWriter::withdraw(const StreamName& name) {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(DirectoryStream stream, tree.stream(name));
  if (!stream.is_present) return false;
  stream.is_present = false;
  ROOTLET_TRY(tree.remove_packs_of(name));
  if (is_in_news(name)) {
    ROOTLET_TRY(tree.remove_node_pack(name.partition));
  }
  ROOTLET_TRY(tree.save_stream(stream));
  return true;
}

// --- streams with a history ---------------------------------------------------------------------

Result<Difference> DirectoryWriter::difference_of(const DirectoryStream& stream,
                                                  const SourceTable& rows) {
  ROOTLET_TRY(const auto held, realm_->registry().tree().rows_by_key(stream));
  const auto parts = rows.parts();
  return find_difference(
      [&](HeldRow& row) -> Result<bool> {
        DirectoryTables::Row next;
        ROOTLET_TRY(const bool more, held(next));
        if (more) row = {.key = next.key, .rid = next.rid, .image = next.image};
        return more;
      },
      parts.empty() ? std::span<const SourceRow>() : parts.front().rows);
}

Result<bool> DirectoryWriter::publish_growing(const StreamName& name, const std::string& about,
                                              const SourceTable& rows) {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(DirectoryStream stream, tree.stream(name));
  ROOTLET_TRY(Difference found, difference_of(stream, rows));
  const auto change = std::make_shared<const Difference>(std::move(found));
  const bool is_new = !stream.is_present;
  stream.is_present = true;
  stream.about = about;
  bool has_changed = is_new;
  if (!change->empty() || stream.version == 0) {
    const PastVersion past = version_of(stream);
    has_changed = true;
    ROOTLET_TRY(publish_step(stream, change));
    ROOTLET_TRY(tree.save_stream(stream));  // gives it its number
    if (past.version > 0) {
      ROOTLET_TRY(tree.history(stream).keep(past, *change));
    }
    ROOTLET_TRY(save_rows(stream, *change));
    ROOTLET_TRY(publish_merged_deltas(stream, change));
  } else if (is_new) {
    ROOTLET_TRY(tree.save_stream(stream));
  }
  ROOTLET_TRY(const bool snapshot, publish_snapshot_if_due(stream, change));
  if (!has_changed && !snapshot) return false;
  ROOTLET_TRY(retire(stream));
  ROOTLET_TRY(const std::vector<PackEntry> packs, tree.packs_of(name));
  const std::vector<Version> kept =
      directory_base_versions(stream.version, newest_snapshot(edges_of(packs)));
  ROOTLET_TRY(tree.history(stream).tidy(kept, change->rows_after));
  return true;
}

PackJob DirectoryWriter::pack_job(PackKind kind, const DirectoryStream& stream, Version from,
                                  const std::shared_ptr<const Difference>& change) const {
  PackJob job{.kind = kind,
              .spec = {.stream = stream.name,
                       .from = from,
                       .to = stream.version,
                       .epoch = 1,
                       .priming_rows = kPrimingRows},
              .change = change,
              .before = {SectionDigest()}};
  if (kind != PackKind::kStep) job.after = {SectionDigest(stream.digest)};
  job.keys.push_back(key_of(stream.name));
  return job;
}

// Moves `stream` to its next version.
Status DirectoryWriter::publish_step(DirectoryStream& stream,
                                     const std::shared_ptr<const Difference>& change) {
  const Version past = stream.version++;
  PackJob job = pack_job(PackKind::kStep, stream, past, change);
  if (past > 0) job.before = {SectionDigest(stream.digest)};
  ROOTLET_TRY(const MadePack made, maker_->make(job));
  stream.digest = made.after.front().value();
  stream.rows = change->rows_after;
  stream.published = now_;
  ROOTLET_TRY(write(made.pack));
  return ok();
}

Status DirectoryWriter::publish_merged_deltas(const DirectoryStream& stream,
                                              const std::shared_ptr<const Difference>& change) {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(const std::vector<PackEntry> packs, tree.packs_of(stream.name));
  const std::vector<Version> starts =
      directory_merged_delta_starts(stream.version, newest_snapshot(edges_of(packs)));
  ROOTLET_TRY(const auto remembered, tree.history(stream).versions());
  for (const PastVersion& past : remembered) {
    if (!std::binary_search(starts.begin(), starts.end(), past.version)) continue;
    PackJob job = pack_job(PackKind::kMergedDelta, stream, past.version, change);
    job.before = {SectionDigest(past.digests.at(kGrade))};
    ROOTLET_TRY(job.past, tree.history(stream).rows_at(past.version));
    ROOTLET_TRY(const MadePack made, maker_->make(job));
    ROOTLET_TRY(const std::vector<PackEntry> others, tree.packs_of(stream.name));
    const PackEdge edge{past.version, stream.version, made.pack.file.size()};
    if (!is_worth_having(edge, edges_of(others))) continue;
    ROOTLET_TRY(write(made.pack));
  }
  return ok();
}

Result<bool> DirectoryWriter::publish_snapshot_if_due(
    const DirectoryStream& stream, const std::shared_ptr<const Difference>& change) {
  ROOTLET_TRY(const std::vector<PackEntry> packs, realm_->registry().tree().packs_of(stream.name));
  if (!snapshot_is_due(edges_of(packs), stream.version)) return false;
  ROOTLET_TRY(const MadePack made, maker_->make(pack_job(PackKind::kSnapshot, stream, 0, change)));
  ROOTLET_TRY(write(made.pack));
  return true;
}

Status DirectoryWriter::retire(const DirectoryStream& stream) {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(const std::vector<PackEntry> packs, tree.packs_of(stream.name));
  const std::vector<bool> keep =
      packs_worth_keeping(edges_of(packs), stream.version, kDirectoryVersions);
  for (std::size_t i = 0; i < packs.size(); ++i) {
    if (keep[i]) continue;
    ROOTLET_TRY(tree.remove_pack(packs[i]));
  }
  return ok();
}

Status DirectoryWriter::save_rows(const DirectoryStream& stream, const Difference& change) {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(Statement remove, tree.row_remover());
  for (const RowChange& row : change.deletes) {
    ROOTLET_TRY(remove.bind_all(stream.number, row.rid).run());
  }
  ROOTLET_TRY(Statement save, tree.row_saver());
  for (const auto* rows : {&change.updates, &change.inserts}) {
    for (const RowChange& row : *rows) {
      save.bind_all(stream.number, row.rid, as_bytes(row.key), as_bytes(row.new_image));
      ROOTLET_TRY(save.run());
    }
  }
  return ok();
}

// --- files --------------------------------------------------------------------------------------

Result<std::int64_t> DirectoryWriter::file_number() {
  if (!file_.has_value()) {
    ROOTLET_TRY(file_, realm_->registry().next_file_number(now_));
  }
  return *file_;
}

Result<PackEntry> DirectoryWriter::write(const BuiltPack& pack) {
  PackEntry entry{.id = pack.header.id,
                  .stream = pack.header.stream,
                  .from = pack.header.from,
                  .to = pack.header.to,
                  .file_bytes = pack.file.size(),
                  .header_bytes = pack.header.header_bytes};
  ROOTLET_TRY(entry.file, file_number());
  ROOTLET_TRY(entry.offset,
              files_.append(nodes_path(entry.stream.partition, entry.file), pack.file));
  has_written_ = true;
  groups_.insert(group_of(entry.stream.partition));
  ROOTLET_TRY(realm_->registry().tree().save_pack(entry));
  return entry;
}

Result<std::vector<PackEntry>> DirectoryWriter::drop_damaged() {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(std::vector<DirectoryFile> files, tree.files_in_use());
  std::vector<PackEntry> dropped;
  for (DirectoryFile& file : files) {
    const std::string stamp = files_.stamp_of(nodes_path(file.group, file.file));
    if (!stamp.empty() && stamp == file.stamp) continue;
    ROOTLET_TRY(const std::vector<PackEntry> packs, tree.packs_in(file));
    for (const PackEntry& pack : packs) {
      if (files_.check(pack).has_value()) continue;
      ROOTLET_TRY(tree.remove_pack(pack));
      dropped.push_back(pack);
    }
    file.stamp = stamp;
    ROOTLET_TRY(tree.save_file(file));
  }
  return dropped;
}

Status DirectoryWriter::finish() {
  DirectoryTables tree = realm_->registry().tree();
  if (has_written_) {
    ROOTLET_TRY(files_.flush());
  }
  for (const std::string& group : groups_) {
    ROOTLET_TRY(tree.save_file(
        {.group = group, .file = *file_, .stamp = files_.stamp_of(nodes_path(group, *file_))}));
  }
  ROOTLET_TRY(tree.note_unused_files(now_));
  return sweep();
}

Status DirectoryWriter::sweep() {
  DirectoryTables tree = realm_->registry().tree();
  ROOTLET_TRY(const auto files, tree.files_unused_since(now_ - kRetiredPackLife));
  for (const DirectoryFile& file : files) {
    ROOTLET_TRY(files_.remove(nodes_path(file.group, file.file)));
    ROOTLET_TRY(tree.remove_file(file));
  }
  ROOTLET_TRY(const auto paths, tree.old_files(now_ - kRetiredPackLife));
  for (const std::string& path : paths) {
    ROOTLET_TRY(files_.remove(path));
    ROOTLET_TRY(tree.remove_old_file(path));
  }
  return ok();
}

}  // namespace rootlet::platform
