// The directory: one row for each dataset, form, stream, pack and grant, as one more stream of
// packs.
#include <algorithm>
#include <map>

#include "platform/block_table.hpp"
#include "platform/pack_policy.hpp"
#include "platform/publisher_packs.hpp"
#include "platform/registry_rows.hpp"
#include "platform/repository.hpp"
#include "sync/trust/tuf_signer.hpp"

namespace rootlet {
namespace {

using RowName = std::pair<DirectoryKind, std::string>;
using WantedRows = std::map<RowName, DirectoryRow>;

std::string raw_text(const Hash256& hash) {
  return std::string(as_text(hash));
}

void want(WantedRows& rows, DirectoryRow row) {
  const RowName name{row.kind, row.id};
  rows.emplace(name, std::move(row));
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
                .time = unix_s(stream.published),
                .hash = raw_text(stream.digest)});
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

// The change from the rows held to those wanted, and the rows as they then stand.
struct DirectoryChange {
  PackContent content;
  std::map<Rid, DirectoryRow> rows;
  std::vector<Rid> deleted, saved;
  RowBlock before;  // the rows held
  bool empty() const { return deleted.empty() && saved.empty(); }
};

PackContent empty_content(const SectionDigest& before) {
  PackContent content;
  content.sections.emplace_back();
  content.sections[0].schema = directory_schema();
  content.sections[0].before = content.sections[0].after = before;
  content.deleted.emplace_back();
  const std::size_t columns = content.sections[0].schema.columns.size();
  for (RowBlock* block : {&content.sections[0].updated_old, &content.sections[0].updated_new,
                          &content.sections[0].inserts, &content.deleted[0]}) {
    block->columns.resize(columns);
  }
  return content;
}

void close_content(PackContent& content, const SymmetricKey& content_key) {
  const SymmetricKey key = digest_key(content_key);
  SectionChanges& change = content.sections[0];
  change.after.remove(key, content.deleted[0]);
  change.after.remove(key, change.updated_old);
  change.after.add(key, change.updated_new);
  change.after.add(key, change.inserts);
}

DirectoryChange find_change(std::map<Rid, DirectoryRow> held, WantedRows wanted,
                            const SectionDigest& before) {
  DirectoryChange change{
      .content = empty_content(before), .rows = {}, .deleted = {}, .saved = {}, .before = {}};
  change.before.columns.resize(directory_schema().columns.size());
  SectionChanges& section = change.content.sections[0];
  for (auto& [rid, row] : held) {
    push_directory_row(change.before, rid, row);
    const auto found = wanted.find({row.kind, row.id});
    if (found == wanted.end()) {
      section.deletes.push_back(rid);
      push_directory_row(change.content.deleted[0], rid, row);
      change.deleted.push_back(rid);
      continue;
    }
    if (row != found->second) {
      push_directory_row(section.updated_old, rid, row);
      push_directory_row(section.updated_new, rid, found->second);
      change.saved.push_back(rid);
    }
    change.rows.emplace(rid, std::move(found->second));
    wanted.erase(found);
  }
  Rid next = 0;
  for (auto& [name, row] : wanted) {
    while (change.rows.contains(next)) ++next;
    push_directory_row(section.inserts, next, row);
    change.saved.push_back(next);
    change.rows.emplace(next, std::move(row));
  }
  return change;
}

std::string directory_target(Version from, Version to) {
  return "directory/" + std::to_string(from) + "-" + std::to_string(to) + ".pack";
}

// Builds directory packs, writes their files, and puts them into the registry.
class DirectoryPublisher {
 public:
  static Result<DirectoryPublisher> open(Realm& realm, UnixTime now) {
    ROOTLET_TRY(SigningKey signer, realm.registry().signing_key("directory"));
    ROOTLET_TRY(SymmetricKey key, realm.registry().secret("directory-content"));
    return DirectoryPublisher(realm, now, std::move(signer), std::move(key));
  }

  const SymmetricKey& content_key() const { return content_key_; }

  // `base` is null for a snapshot.
  Result<DirectoryPackEntry> publish(Version from, Version to, const PackContent& content,
                                     BaseTable* base) {
    const std::span<BaseTable* const> bases(&base, base == nullptr ? 0 : 1);
    const PackSpec spec{.stream = kDirectoryStream, .from = from, .to = to, .epoch = 1};
    ROOTLET_TRY(
        const BuiltPack pack,
        build_checked_pack(spec, content.sections, std::span(&content_key_, 1), signer_, bases));
    const TufTarget target = describe_target(pack.file);
    ROOTLET_TRY(const std::string name, published_target_name(directory_target(from, to), target));
    ROOTLET_TRY(files_.write(name, pack.file));
    const DirectoryPackEntry entry{
        .from = from, .to = to, .file_bytes = pack.file.size(), .sha256 = sha256(pack.file)};
    ROOTLET_TRY(realm_.registry().save_directory_pack(entry));
    return entry;
  }

  // Retires packs whose files are no longer what was published; true if there were any.
  Result<bool> retire_damaged() {
    ROOTLET_TRY(std::vector<DirectoryPackEntry> packs, live_packs());
    bool any = false;
    for (DirectoryPackEntry& pack : packs) {
      const fs::path path = realm_.folder().repository() / path_of(pack);
      const Result<Bytes> file = read_file(path, pack.file_bytes);
      if (file.has_value() && sha256(file.value()) == pack.sha256) continue;
      any = true;
      pack.retired = now_;
      ROOTLET_TRY(realm_.registry().save_directory_pack(pack));
    }
    return any;
  }

  Status publish_snapshot_if_due(Version head, const DirectoryChange& change) {
    ROOTLET_TRY(const std::vector<DirectoryPackEntry> packs, live_packs());
    if (!snapshot_is_due(edges_of(packs), head)) return ok();
    PackContent content = empty_content({});
    for (const auto& [rid, row] : change.rows) {
      push_directory_row(content.sections[0].inserts, rid, row);
    }
    close_content(content, content_key_);
    if (content.sections[0].after != change.content.sections[0].after) {
      return fail(ErrorCode::kStorageDamaged, "directory: its rows do not give its digest");
    }
    ROOTLET_TRY(publish(0, head, content, nullptr));
    return ok();
  }

  Status retire(Version head) {
    ROOTLET_TRY(std::vector<DirectoryPackEntry> packs, live_packs());
    const std::vector<bool> keep = packs_worth_keeping(edges_of(packs), head);
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
      ROOTLET_TRY(files_.remove(path_of(pack)));
      ROOTLET_TRY(realm_.registry().remove_directory_pack(pack.from, pack.to));
    }
    return ok();
  }

  Status flush() { return files_.flush(); }

 private:
  DirectoryPublisher(Realm& realm, UnixTime now, SigningKey signer, SymmetricKey content_key)
      : realm_(realm),
        now_(now),
        signer_(std::move(signer)),
        content_key_(std::move(content_key)),
        files_(realm.folder().repository()) {}

  static std::string path_of(const DirectoryPackEntry& pack) {
    return "directory/" + to_hex(pack.sha256) + "." + std::to_string(pack.from) + "-" +
           std::to_string(pack.to) + ".pack";
  }
  Result<std::vector<DirectoryPackEntry>> live_packs() {
    ROOTLET_TRY(std::vector<DirectoryPackEntry> packs, realm_.registry().directory_packs());
    std::erase_if(packs, [](const DirectoryPackEntry& pack) { return pack.retired.has_value(); });
    return packs;
  }
  static std::vector<PackEdge> edges_of(const std::vector<DirectoryPackEntry>& packs) {
    std::vector<PackEdge> edges;
    for (const DirectoryPackEntry& pack : packs) {
      edges.push_back({pack.from, pack.to, pack.file_bytes});
    }
    return edges;
  }

  Realm& realm_;
  UnixTime now_;
  SigningKey signer_;
  SymmetricKey content_key_;
  PackFiles files_;
};

Result<SectionDigest> held_digest(Registry& registry) {
  ROOTLET_TRY(const std::optional<std::string> hex, registry.setting(kSettingDirectoryDigest));
  if (!hex.has_value()) return SectionDigest();
  ROOTLET_TRY(const Hash256 digest, hash_from_hex(*hex));
  return SectionDigest(digest);
}

Status save_rows(Registry& registry, const DirectoryChange& change) {
  for (const Rid rid : change.deleted) {
    ROOTLET_TRY(registry.remove_directory_row(rid));
  }
  for (const Rid rid : change.saved) {
    ROOTLET_TRY(registry.save_directory_row(rid, change.rows.at(rid)));
  }
  return registry.save_setting(kSettingDirectoryDigest,
                               to_hex(change.content.sections[0].after.value()));
}

}  // namespace

// The first version is published even if it is empty, so that an office always finds a directory.
Status stage_directory(Realm& realm, UnixTime now) {
  Registry& registry = realm.registry();
  WantedRows wanted;
  ROOTLET_TRY(want_catalogue(registry, wanted));
  ROOTLET_TRY(want_streams(registry, wanted));
  ROOTLET_TRY(want_grants(registry, wanted));
  ROOTLET_TRY(auto held, registry.directory_rows());
  ROOTLET_TRY(const SectionDigest before, held_digest(registry));
  DirectoryChange change = find_change(std::move(held), std::move(wanted), before);
  ROOTLET_TRY(const auto version_text, registry.setting(kSettingDirectoryVersion));
  const Version version = std::stoull(version_text.value_or("0"));
  ROOTLET_TRY(DirectoryPublisher publisher, DirectoryPublisher::open(realm, now));
  ROOTLET_TRY(const bool damaged, publisher.retire_damaged());
  const bool unchanged = change.empty() && version > 0;
  if (unchanged && !damaged) return ok();

  close_content(change.content, publisher.content_key());
  const Version head = unchanged ? version : version + 1;
  if (!unchanged) {
    BlockTable base(std::move(change.before));
    ROOTLET_TRY(publisher.publish(version, head, change.content, version == 0 ? nullptr : &base));
  }
  ROOTLET_TRY(publisher.publish_snapshot_if_due(head, change));
  ROOTLET_TRY(publisher.flush());
  ROOTLET_TRY(publisher.retire(head));
  ROOTLET_TRY(publisher.sweep());
  ROOTLET_TRY(save_rows(registry, change));
  return registry.save_setting(kSettingDirectoryVersion, std::to_string(head));
}

}  // namespace rootlet
