// Publishes the directory, a stream with one row for each dataset, form, stream, pack and grant:
// docs/FORMATS.md, "Directory rows".
#include <algorithm>
#include <map>

#include "core/thread/parallel.hpp"
#include "platform/packs/pack_job.hpp"
#include "platform/packs/pack_policy.hpp"
#include "platform/repository/repository.hpp"
#include "platform/source/rows/row_image.hpp"
#include "storage/row_values.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr Grade kGrade = 1;  // of the directory's one section

using WantedRows = std::map<std::string, DirectoryRow>;  // by key

std::string key_of(const DirectoryRow& row) {
  std::string key;
  append_key_cell(key, {CellView::Kind::kInteger, static_cast<std::int64_t>(row.kind), {}});
  append_key_cell(key, {CellView::Kind::kText, 0, row.id});
  return key;
}

std::string image_of(const DirectoryRow& row) {
  RowBlock block;
  push_directory_row(block, 0, row);
  std::string image;
  for (const CellColumn& column : block.columns) append_image_cell(image, column.at(0));
  return image;
}

std::string raw_text(const Hash256& hash) {
  return std::string(as_text(hash));
}

void want(WantedRows& rows, DirectoryRow row) {
  std::string key = key_of(row);
  rows.emplace(std::move(key), std::move(row));
}

Status want_catalogue(Registry& registry, WantedRows& rows) {
  ROOTLET_TRY(const std::vector<std::string> ids, registry.dataset_ids());
  for (const std::string& id : ids) {
    ROOTLET_TRY(std::optional<std::string> body, registry.dataset(id));
    want(rows, {.kind = DirectoryKind::kDataset, .id = id, .body = std::move(body).value_or("")});
  }
  ROOTLET_TRY(const std::vector<FormEntry> forms, registry.forms());
  for (const FormEntry& form : forms) {
    want(rows, {.kind = DirectoryKind::kForm, .id = form.id, .body = form.definition});
  }
  return ok();
}

Status want_streams(Registry& registry, WantedRows& rows) {
  ROOTLET_TRY(const std::vector<StreamEntry> streams, registry.streams(""));
  for (const StreamEntry& stream : streams) {
    want(rows, {.kind = DirectoryKind::kStream,
                .id = stream.name.text(),
                .a = static_cast<std::int64_t>(stream.version),
                .b = static_cast<std::int64_t>(stream.rows),
                .size = stream.epoch,
                .time = unix_s(stream.published)});
  }
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry.packs(""));
  for (const PackEntry& pack : packs) {
    if (pack.retired.has_value()) continue;
    want(rows, {.kind = DirectoryKind::kPack,
                .id = pack.stream.text() + "/" + std::to_string(pack.from) + "-" +
                      std::to_string(pack.to),
                .a = static_cast<std::int64_t>(pack.from),
                .b = static_cast<std::int64_t>(pack.to),
                .size = static_cast<std::int64_t>(pack.file_bytes),
                .time = static_cast<std::int64_t>(pack.header_bytes),
                .hash = raw_text(pack.id)});
  }
  return ok();
}

Status want_grants(Registry& registry, WantedRows& rows) {
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, registry.offices());
  for (const OfficeEntry& office : offices) {
    if (office.grant_file.empty()) continue;
    want(rows, {.kind = DirectoryKind::kGrant,
                .id = office.id,
                .a = static_cast<std::int64_t>(office.grant_version),
                .size = static_cast<std::int64_t>(office.grant_file.size()),
                .time = unix_s(office.grant_issued),
                .hash = raw_text(sha256(office.grant_file))});
  }
  return ok();
}

// The directory's new rows, as input of find_difference().
SourceTable source_of(const WantedRows& wanted) {
  SourceTable source;
  for (const auto& [key, row] : wanted) {
    source.add(kDirectoryStream.partition, key, image_of(row), 0);
  }
  source.sort(1);
  return source;
}

HeldRows held_rows(const std::map<Rid, DirectoryRow>& rows) {
  struct Row {
    Rid rid;
    std::string image;
  };
  auto by_key = std::make_shared<std::map<std::string, Row>>();
  for (const auto& [rid, row] : rows) by_key->emplace(key_of(row), Row{rid, image_of(row)});
  return [by_key, at = by_key->begin()](HeldRow& row) mutable -> Result<bool> {
    if (at == by_key->end()) return false;
    row = {.key = at->first, .rid = at->second.rid, .image = at->second.image};
    ++at;
    return true;
  };
}

std::string directory_target(Version from, Version to) {
  return "directory/" + std::to_string(from) + "-" + std::to_string(to) + ".pack";
}

// Makes directory packs, writes their files and saves them in the registry.
class DirectoryPublisher {
 public:
  // `signer` must outlive the publisher.
  DirectoryPublisher(Realm& realm, UnixTime now, const SigningKey& signer, SymmetricKey content_key)
      : realm_(realm),
        now_(now),
        content_key_(std::move(content_key)),
        maker_(SectionLayout(directory_schema()), kKeyColumns, signer),
        files_(realm.folder().repository()) {}

  // Retires packs whose files are missing or damaged; true if there were any.
  Result<bool> retire_damaged() {
    ROOTLET_TRY(std::vector<DirectoryPackEntry> packs, live_packs());
    bool any = false;
    for (DirectoryPackEntry& pack : packs) {
      const fs::path path = realm_.folder().repository() / directory_pack_path(pack);
      const Result<Bytes> file = read_file(path, pack.file_bytes);
      if (file.has_value() && sha256(file.value()) == pack.sha256) continue;
      any = true;
      pack.retired = now_;
      ROOTLET_TRY(realm_.registry().save_directory_pack(pack));
    }
    return any;
  }

  // Publishes the step from `past` to the next version; returns the digest of that version.
  Result<SectionDigest> publish_step(const PastVersion& past,
                                     const std::shared_ptr<const Difference>& change) {
    PackJob job = job_of(PackKind::kStep, past.version, past.version + 1, change);
    job.before = {digest_of(past)};
    ROOTLET_TRY(const MadePack made, maker_.make(job));
    ROOTLET_TRY(write(made.pack));
    return made.after.front();
  }

  Status publish_merged_deltas(Version head, const SectionDigest& digest,
                               const std::shared_ptr<const Difference>& change) {
    ROOTLET_TRY(const std::vector<PackEdge> packs, live_edges());
    const std::vector<Version> starts = directory_merged_delta_starts(head, newest_snapshot(packs));
    ROOTLET_TRY(const auto remembered, realm_.registry().directory_history().versions());
    std::vector<std::future<Result<MadePack>>> making;
    for (const PastVersion& past : remembered) {
      if (!std::binary_search(starts.begin(), starts.end(), past.version)) continue;
      PackJob job = job_of(PackKind::kMergedDelta, past.version, head, change);
      job.before = {digest_of(past)};
      job.after = {digest};
      ROOTLET_TRY(job.past, realm_.registry().directory_history().rows_at(past.version));
      making.push_back(run_parallel([this, job = std::move(job)] { return maker_.make(job); }));
    }
    for (std::future<Result<MadePack>>& one : making) {
      ROOTLET_TRY(const MadePack made, one.get());
      const PackHeader& header = made.pack.header;
      ROOTLET_TRY(const std::vector<PackEdge> others, live_edges());
      if (!is_worth_having({header.from, head, made.pack.file.size()}, others)) continue;
      ROOTLET_TRY(write(made.pack));
    }
    return ok();
  }

  Status publish_snapshot_if_due(Version head, const SectionDigest& digest,
                                 const std::shared_ptr<const Difference>& change) {
    ROOTLET_TRY(const std::vector<PackEdge> packs, live_edges());
    if (!snapshot_is_due(packs, head)) return ok();
    PackJob job = job_of(PackKind::kSnapshot, 0, head, change);
    job.before = {SectionDigest()};
    job.after = {digest};
    ROOTLET_TRY(const MadePack made, maker_.make(job));
    return write(made.pack);
  }

  Status retire(Version head) {
    ROOTLET_TRY(std::vector<DirectoryPackEntry> packs, live_packs());
    const std::vector<bool> keep = packs_worth_keeping(edges_of(packs), head, kDirectoryVersions);
    for (std::size_t i = 0; i < packs.size(); ++i) {
      if (keep[i]) continue;
      packs[i].retired = now_;
      ROOTLET_TRY(realm_.registry().save_directory_pack(packs[i]));
    }
    return ok();
  }

  Status sweep() {
    ROOTLET_TRY(const auto packs, realm_.registry().directory_packs());
    for (const DirectoryPackEntry& pack : packs) {
      if (!pack.retired.has_value() || now_ - *pack.retired < kRetiredPackLife) continue;
      ROOTLET_TRY(files_.remove(directory_pack_path(pack)));
      ROOTLET_TRY(realm_.registry().remove_directory_pack(pack.from, pack.to));
    }
    return ok();
  }

  Status forget_past(Version head, std::uint64_t rows) {
    ROOTLET_TRY(const std::vector<PackEdge> packs, live_edges());
    const std::vector<Version> kept = directory_base_versions(head, newest_snapshot(packs));
    return realm_.registry().directory_history().tidy(kept, rows);
  }

  Status flush() { return files_.flush(); }

 private:
  static inline const std::vector<std::size_t> kKeyColumns{0, 1};  // kind, id
  static constexpr std::size_t kPrimingRows = 128;  // few, because every publish makes such packs

  static SectionDigest digest_of(const PastVersion& past) {
    return past.version == 0 ? SectionDigest() : SectionDigest(past.digests.at(kGrade));
  }
  static std::vector<PackEdge> edges_of(const std::vector<DirectoryPackEntry>& packs) {
    std::vector<PackEdge> edges;
    for (const DirectoryPackEntry& pack : packs) {
      edges.push_back({pack.from, pack.to, pack.file_bytes});
    }
    return edges;
  }
  Result<std::vector<DirectoryPackEntry>> live_packs() {
    ROOTLET_TRY(std::vector<DirectoryPackEntry> packs, realm_.registry().directory_packs());
    std::erase_if(packs, [](const DirectoryPackEntry& pack) { return pack.retired.has_value(); });
    return packs;
  }
  Result<std::vector<PackEdge>> live_edges() {
    ROOTLET_TRY(const std::vector<DirectoryPackEntry> packs, live_packs());
    return edges_of(packs);
  }

  PackJob job_of(PackKind kind, Version from, Version to,
                 const std::shared_ptr<const Difference>& change) {
    PackJob job{.kind = kind,
                .spec = {.stream = kDirectoryStream,
                         .from = from,
                         .to = to,
                         .epoch = 1,
                         .priming_rows = kPrimingRows},
                .change = change,
                .before = {}};
    job.keys.push_back(content_key_.clone());
    return job;
  }

  Status write(const BuiltPack& pack) {
    const Version from = pack.header.from, to = pack.header.to;
    const TufTarget target = describe_target(pack.file);
    ROOTLET_TRY(const std::string name, published_target_name(directory_target(from, to), target));
    ROOTLET_TRY(files_.write(name, pack.file));
    return realm_.registry().save_directory_pack(
        {.from = from, .to = to, .file_bytes = pack.file.size(), .sha256 = sha256(pack.file)});
  }

  Realm& realm_;
  UnixTime now_;
  SymmetricKey content_key_;
  PackMaker maker_;
  PackFiles files_;
};

Result<PastVersion> published_version(Registry& registry) {
  PastVersion published;
  ROOTLET_TRY(published.version, registry.number_setting(kSettingDirectoryVersion, 0));
  ROOTLET_TRY(const auto hex, registry.setting(kSettingDirectoryDigest));
  ROOTLET_TRY(const Hash256 digest,
              hex.has_value() ? hash_from_hex(*hex) : Result<Hash256>(Hash256{}));
  published.digests = {{kGrade, digest}};
  return published;
}

Status save_rows(Registry& registry, const Difference& change, const WantedRows& wanted) {
  for (const RowChange& row : change.deletes) {
    ROOTLET_TRY(registry.remove_directory_row(row.rid));
  }
  for (const auto* rows : {&change.updates, &change.inserts}) {
    for (const RowChange& row : *rows) {
      ROOTLET_TRY(registry.save_directory_row(row.rid, wanted.at(std::string(row.key))));
    }
  }
  return ok();
}

Result<WantedRows> wanted_rows(Registry& registry) {
  WantedRows wanted;
  ROOTLET_TRY(want_catalogue(registry, wanted));
  ROOTLET_TRY(want_streams(registry, wanted));
  ROOTLET_TRY(want_grants(registry, wanted));
  return wanted;
}

// Saves rows, history and version, after the step was made.
Status save_version(Registry& registry, const PastVersion& past, const SectionDigest& digest,
                    const Difference& change, const WantedRows& wanted) {
  if (past.version > 0) {
    ROOTLET_TRY(registry.directory_history().keep(past, change));
  }
  ROOTLET_TRY(save_rows(registry, change, wanted));
  ROOTLET_TRY(registry.save_setting(kSettingDirectoryDigest, to_hex(digest.value())));
  return registry.save_setting(kSettingDirectoryVersion, std::to_string(past.version + 1));
}

}  // namespace

std::string directory_pack_path(const DirectoryPackEntry& pack) {
  return "directory/" + to_hex(pack.sha256) + "." + std::to_string(pack.from) + "-" +
         std::to_string(pack.to) + ".pack";
}

// Publishes the first version even if it is empty, so that an office always finds a directory.
Status stage_directory(Realm& realm, UnixTime now) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const WantedRows wanted, wanted_rows(registry));
  ROOTLET_TRY(const auto held, registry.directory_rows());
  const SourceTable source = source_of(wanted);
  const auto parts = source.parts();
  ROOTLET_TRY(Difference found,
              find_difference(held_rows(held),
                              parts.empty() ? std::span<const SourceRow>() : parts.front().rows));
  const auto change = std::make_shared<const Difference>(std::move(found));
  ROOTLET_TRY(const PastVersion past, published_version(registry));
  ROOTLET_TRY(const SigningKey signer, registry.signing_key("directory"));
  ROOTLET_TRY(SymmetricKey key, registry.secret("directory-content"));
  DirectoryPublisher publisher(realm, now, signer, std::move(key));
  ROOTLET_TRY(const bool damaged, publisher.retire_damaged());
  const bool unchanged = change->empty() && past.version > 0;
  if (unchanged && !damaged) return ok();

  Version head = past.version;
  SectionDigest digest(past.digests.at(kGrade));
  if (!unchanged) {
    ++head;
    ROOTLET_TRY(digest, publisher.publish_step(past, change));
    ROOTLET_TRY(save_version(registry, past, digest, *change, wanted));
    ROOTLET_TRY(publisher.publish_merged_deltas(head, digest, change));
  }
  ROOTLET_TRY(publisher.publish_snapshot_if_due(head, digest, change));
  ROOTLET_TRY(publisher.flush());
  ROOTLET_TRY(publisher.retire(head));
  ROOTLET_TRY(publisher.sweep());
  return publisher.forget_past(head, change->rows_after);
}

}  // namespace rootlet::platform
