// Parses rows of the directory (docs/FORMATS.md, "Directory rows").
#include "sync/downlink/store/directory_view.hpp"

#include <algorithm>
#include <chrono>

#include "sync/downlink/store/dataset_store.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {
namespace {

Error row_error(const DirectoryRow& row, std::string_view why) {
  return fail(ErrorCode::kUntrusted, "directory: " + row.id + ": " + std::string(why));
}

Result<Hash256> hash_of(const DirectoryRow& row) {
  const std::optional<Hash256> hash = hash_from_bytes(as_bytes(row.hash));
  if (!hash) return row_error(row, "its hash has the wrong length");
  return *hash;
}

// Counts are never negative.
Status check_counts(const DirectoryRow& row) {
  const bool fine = row.a >= 0 && row.b >= 0 && row.size >= 0 && row.time >= 0;
  return fine ? ok() : Status(row_error(row, "a number is negative"));
}

Result<StreamHead> head_of(const DirectoryRow& row) {
  ROOTLET_TRY(check_counts(row));
  StreamHead head;
  ROOTLET_TRY(head.stream, StreamName::parse(row.id));
  if (row.size > UINT32_MAX) return row_error(row, "its epoch is out of range");
  head.version = static_cast<Version>(row.a);
  head.rows = static_cast<std::uint64_t>(row.b);
  head.epoch = static_cast<std::uint32_t>(row.size);
  head.published = UnixTime(std::chrono::seconds(row.time));
  return head;
}

Result<PackEntry> pack_of(const DirectoryRow& row, const StreamName& stream) {
  ROOTLET_TRY(check_counts(row));
  PackEntry entry{.stream = stream};
  ROOTLET_TRY(entry.id, hash_of(row));
  entry.from = static_cast<Version>(row.a);
  entry.to = static_cast<Version>(row.b);
  entry.file_bytes = static_cast<std::uint64_t>(row.size);
  entry.header_bytes = static_cast<std::uint64_t>(row.time);
  const bool sound = entry.from < entry.to && entry.header_bytes <= entry.file_bytes &&
                     entry.header_bytes <= limits::kPackHeaderBytes &&
                     entry.file_bytes <= limits::kPackHeaderBytes + 4 * limits::kSectionBytes;
  if (!sound) return row_error(row, "its numbers cannot be those of a pack");
  return entry;
}

Result<DatasetDefinition> definition_of(const DirectoryRow& row) {
  Result<DatasetDefinition> definition = DatasetDefinition::parse(row.body, "dataset " + row.id);
  if (definition.has_error()) return row_error(row, definition.error().message);
  if (definition.value().id != row.id) return row_error(row, "its definition is another's");
  return definition;
}

}  // namespace

Result<std::vector<DirectoryRow>> DirectoryView::rows(DirectoryKind kind, std::string_view first,
                                                      std::string_view end) {
  Result<std::vector<DirectoryRow>> found = select_rows(kind, first, end);
  if (found.has_error() && found.error().code == ErrorCode::kStorageDamaged) is_damaged_ = true;
  return found;
}

Result<std::vector<DirectoryRow>> DirectoryView::select_rows(DirectoryKind kind,
                                                             std::string_view first,
                                                             std::string_view end) {
  ROOTLET_TRY(const std::optional<HeldStream> held,
              load_held_stream(*database_, kDirectoryStream.partition));
  std::vector<DirectoryRow> found;
  if (!held.has_value()) return found;
  const SectionSchema schema = directory_schema();
  ROOTLET_TRY(Statement select,
              database_->prepare("SELECT row_id, kind, id, a, b, size, time, hash, body FROM " +
                                 quote_identifier(generation_table(held->generation)) +
                                 " WHERE kind=?1 AND (id=?2 OR (id>?2 AND id<?3)) AND"
                                 " (row_id>>31)=?4 ORDER BY id"));
  select.bind_all(static_cast<std::int64_t>(kind), first, end, held->slot);
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return found;
    RowBlock block;
    block.rids.push_back(rid_of(select.integer(0)));
    block.columns.resize(schema.columns.size());
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      block.columns[i].push(stored_cell(select, static_cast<int>(i) + 1, schema.columns[i]));
    }
    ROOTLET_TRY(DirectoryRow next, directory_row(block, 0));
    found.push_back(std::move(next));
  }
}

Result<std::optional<DirectoryRow>> DirectoryView::row(DirectoryKind kind, std::string_view id) {
  ROOTLET_TRY(std::vector<DirectoryRow> found, rows(kind, id, id));
  if (found.empty()) return std::optional<DirectoryRow>();
  if (found.size() > 1) return row_error(found.front(), "listed twice");
  return std::optional(std::move(found.front()));
}

Result<std::vector<DirectoryRow>> DirectoryView::rows_below(DirectoryKind kind,
                                                            std::string_view folder) {
  return rows(kind, std::string(folder) + "/", std::string(folder) + "0");  // '0' follows '/'
}

Result<Version> DirectoryView::version() {
  ROOTLET_TRY(const std::optional<HeldStream> held,
              load_held_stream(*database_, kDirectoryStream.partition));
  return held.has_value() ? held->version : 0;
}

Result<std::vector<DatasetDefinition>> DirectoryView::datasets() {
  ROOTLET_TRY(const std::vector<DirectoryRow> found, rows(DirectoryKind::kDataset, "", "\x7f"));
  std::vector<DatasetDefinition> definitions;
  for (const DirectoryRow& each : found) {
    ROOTLET_TRY(DatasetDefinition definition, definition_of(each));
    definitions.push_back(std::move(definition));
  }
  return definitions;
}

Result<std::optional<DatasetDefinition>> DirectoryView::dataset(std::string_view id) {
  ROOTLET_TRY(const std::optional<DirectoryRow> found, row(DirectoryKind::kDataset, id));
  if (!found.has_value()) return std::optional<DatasetDefinition>();
  ROOTLET_TRY(DatasetDefinition definition, definition_of(*found));
  return std::optional(std::move(definition));
}

Result<std::vector<FormEntry>> DirectoryView::forms() {
  ROOTLET_TRY(const std::vector<DirectoryRow> found, rows(DirectoryKind::kForm, "", "\x7f"));
  std::vector<FormEntry> forms;
  for (const DirectoryRow& each : found) forms.push_back({each.id, each.body});
  return forms;
}

Result<std::optional<FormEntry>> DirectoryView::form(std::string_view id) {
  ROOTLET_TRY(const std::optional<DirectoryRow> found, row(DirectoryKind::kForm, id));
  if (!found.has_value()) return std::optional<FormEntry>();
  return std::optional(FormEntry{found->id, found->body});
}

Result<std::vector<StreamHead>> DirectoryView::heads(std::string_view dataset) {
  ROOTLET_TRY(const std::vector<DirectoryRow> found, rows_below(DirectoryKind::kStream, dataset));
  std::vector<StreamHead> heads;
  for (const DirectoryRow& each : found) {
    ROOTLET_TRY(StreamHead head, head_of(each));
    heads.push_back(std::move(head));
  }
  return heads;
}

Result<std::vector<PackEntry>> DirectoryView::packs(const StreamName& stream) {
  ROOTLET_TRY(const std::vector<DirectoryRow> found,
              rows_below(DirectoryKind::kPack, stream.text()));
  std::vector<PackEntry> packs;
  for (const DirectoryRow& each : found) {
    ROOTLET_TRY(PackEntry entry, pack_of(each, stream));
    packs.push_back(std::move(entry));
  }
  return packs;
}

Result<std::optional<GrantEntry>> DirectoryView::grant(std::string_view office) {
  ROOTLET_TRY(const std::optional<DirectoryRow> found, row(DirectoryKind::kGrant, office));
  if (!found.has_value()) return std::optional<GrantEntry>();
  ROOTLET_TRY(check_counts(*found));
  ROOTLET_TRY(const Hash256 hash, hash_of(*found));
  return std::optional(GrantEntry{.version = static_cast<std::uint64_t>(found->a),
                                  .file_bytes = static_cast<std::uint64_t>(found->size),
                                  .issued = UnixTime(std::chrono::seconds(found->time)),
                                  .sha256 = hash});
}

}  // namespace rootlet
