// Parses rows of the directory (docs/FORMATS.md, "Directory rows").
#include "sync/downlink/store/directory_view.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "core/crypto.hpp"
#include "core/limits.hpp"
#include "storage/row_values.hpp"
#include "sync/downlink/store/dataset_store.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {
namespace {

Error row_error(const DirectoryRow& row, std::string_view why) {
  return fail(ErrorCode::kUntrusted, "directory: " + row.id + ": " + std::string(why));
}

Result<StreamName> stream_of(const DirectoryRow& row) {
  Result<StreamName> stream = StreamName::parse(row.id);
  if (stream.has_error()) return row_error(row, "it names no stream");
  return stream;
}

// Counts are never negative.
Status check_counts(const DirectoryRow& row) {
  const bool fine = row.a >= 0 && row.b >= 0 && row.size >= 0 && row.time >= 0 && row.file >= 0 &&
                    row.offset >= 0;
  return fine ? ok() : Status(row_error(row, "a number is negative"));
}

}  // namespace

Hash256 PackEntry::name() const {
  return blake2b(as_bytes(path_of_pack(stream, file) + "@" + std::to_string(offset) + " " +
                          stream.text() + "#" + std::to_string(from) + "-" + std::to_string(to)));
}

Result<StreamHead> head_of(const DirectoryRow& row) {
  ROOTLET_TRY(check_counts(row));
  StreamHead head;
  ROOTLET_TRY(head.stream, stream_of(row));
  if (row.size > UINT32_MAX) return row_error(row, "its epoch is out of range");
  if (row.hash.size() != kPinnedDigestBytes) return row_error(row, "its digest has a wrong length");
  head.version = static_cast<Version>(row.a);
  head.rows = static_cast<std::uint64_t>(row.b);
  head.epoch = static_cast<std::uint32_t>(row.size);
  head.published = UnixTime(std::chrono::seconds(row.time));
  head.digest = row.hash;
  return head;
}

Result<PackEntry> pack_of(const DirectoryRow& row) {
  ROOTLET_TRY(check_counts(row));
  PackEntry entry;
  ROOTLET_TRY(entry.stream, stream_of(row));
  entry.from = static_cast<Version>(row.a);
  entry.to = static_cast<Version>(row.b);
  entry.file_bytes = static_cast<std::uint64_t>(row.size);
  entry.header_bytes = static_cast<std::uint64_t>(row.time);
  entry.file = row.file;
  entry.offset = static_cast<std::uint64_t>(row.offset);
  const bool sound = entry.from < entry.to && entry.header_bytes <= entry.file_bytes &&
                     entry.header_bytes <= limits::kPackHeaderBytes &&
                     entry.file_bytes <= limits::kPackHeaderBytes + 4 * limits::kSectionBytes &&
                     entry.offset <= limits::kSharedFileBytes;
  if (!sound) return row_error(row, "its numbers cannot be those of a pack");
  return entry;
}

Result<NodePin> node_pin_of(const DirectoryRow& row, StreamName stream) {
  ROOTLET_TRY(check_counts(row));
  const bool sound = row.hash.size() == kPinnedDigestBytes && row.a > 0 && row.size > 0 &&
                     static_cast<std::size_t>(row.size) <= limits::kNodeBytes &&
                     static_cast<std::uint64_t>(row.offset) <= limits::kSharedFileBytes;
  if (!sound) return row_error(row, "its numbers cannot be those of a node");
  return NodePin{.stream = std::move(stream),
                 .version = static_cast<Version>(row.a),
                 .digest = row.hash,
                 .file = row.file,
                 .offset = static_cast<std::uint64_t>(row.offset),
                 .bytes = static_cast<std::uint64_t>(row.size)};
}

Result<GrantEntry> grant_of(const DirectoryRow& row) {
  ROOTLET_TRY(check_counts(row));
  const std::optional<Hash256> hash = hash_from_bytes(as_bytes(row.hash));
  if (!hash) return row_error(row, "its hash has the wrong length");
  return GrantEntry{.version = static_cast<std::uint64_t>(row.a),
                    .file_bytes = static_cast<std::uint64_t>(row.size),
                    .issued = UnixTime(std::chrono::seconds(row.time)),
                    .sha256 = *hash};
}

namespace {

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
  ROOTLET_TRY(const bool is_there, has_node_tables(*database_));
  if (!is_there) return std::vector<DirectoryRow>();
  ROOTLET_TRY(Statement select, database_->prepare("SELECT " + std::string(kDirectoryColumns) +
                                                   " FROM node_rows WHERE kind=?1 AND (id=?2 OR "
                                                   "(id>?2 AND id<?3))"));
  select.bind_all(kind, first, end);
  ROOTLET_TRY(std::vector<DirectoryRow> found,
              read_all(select, [](const Statement& row) { return read_directory_row(row, 0); }));
  ROOTLET_TRY(add_stream_rows(kind, first, end, found));
  std::sort(found.begin(), found.end(), is_before);
  return found;
}

// Rows of the catalogue and of heads below a division.
Status DirectoryView::add_stream_rows(DirectoryKind kind, std::string_view first,
                                      std::string_view end, std::vector<DirectoryRow>& found) {
  ROOTLET_TRY(const std::vector<HeldStream> streams, load_held_streams(*database_));
  for (const HeldStream& held : streams) {
    if (!held.partition.starts_with(kDirectoryPrefix)) continue;  // of an older program
    ROOTLET_TRY(Statement select,
                database_->prepare("SELECT " + std::string(kDirectoryColumns) + " FROM " +
                                   quote_identifier(generation_table(held.generation)) +
                                   " WHERE kind=?1 AND (id=?2 OR (id>?2 AND id<?3)) AND"
                                   " (row_id>>31)=?4"));
    select.bind_all(kind, first, end, held.slot);
    ROOTLET_TRY(std::vector<DirectoryRow> more,
                read_all(select, [](const Statement& row) { return read_directory_row(row, 0); }));
    std::move(more.begin(), more.end(), std::back_inserter(found));
  }
  return ok();
}

Result<std::optional<DirectoryRow>> DirectoryView::row(DirectoryKind kind, std::string_view id) {
  ROOTLET_TRY(std::vector<DirectoryRow> found, rows(kind, id, id));
  if (found.empty()) return std::optional<DirectoryRow>();
  if (found.size() > 1) return row_error(found.front(), "listed twice");
  return std::optional(std::move(found.front()));
}

Result<Version> DirectoryView::version() {
  ROOTLET_TRY(const bool is_there, has_node_tables(*database_));
  if (!is_there) return Version{0};
  ROOTLET_TRY(const std::optional<HeldNode> root, load_node(*database_, node_stream("all")));
  return root.has_value() ? root->version : 0;
}

Result<std::vector<DatasetListing>> DirectoryView::listings() {
  ROOTLET_TRY(const std::vector<DirectoryRow> found, rows(DirectoryKind::kListing, "", "\x7f"));
  std::vector<DatasetListing> listings;
  for (const DirectoryRow& each : found) {
    ROOTLET_TRY(NodePin pin, node_pin_of(each, definition_stream(each.id)));
    listings.push_back({.id = each.id, .line = each.body, .definition = std::move(pin)});
  }
  return listings;
}

Result<std::optional<DatasetListing>> DirectoryView::listing(std::string_view id) {
  ROOTLET_TRY(const std::optional<DirectoryRow> found, row(DirectoryKind::kListing, id));
  if (!found.has_value()) return std::optional<DatasetListing>();
  ROOTLET_TRY(NodePin pin, node_pin_of(*found, definition_stream(id)));
  return std::optional(
      DatasetListing{.id = found->id, .line = found->body, .definition = std::move(pin)});
}

Result<std::optional<DatasetDefinition>> DirectoryView::dataset(std::string_view id) {
  ROOTLET_TRY(const std::optional<DirectoryRow> found, row(DirectoryKind::kDefinition, id));
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

// A stream may be listed by its node and among the heads below a division: the newer one counts.
Result<std::vector<StreamHead>> DirectoryView::heads(std::string_view dataset) {
  ROOTLET_TRY(const std::vector<DirectoryRow> found,
              rows(DirectoryKind::kStream, std::string(dataset) + "/",
                   std::string(dataset) + "0"));  // '0' follows '/'
  std::vector<StreamHead> heads;
  for (const DirectoryRow& each : found) {
    ROOTLET_TRY(StreamHead head, head_of(each));
    const bool is_known = !heads.empty() && heads.back().stream == head.stream;
    if (is_known && heads.back().version >= head.version) continue;
    if (is_known) heads.pop_back();
    heads.push_back(std::move(head));
  }
  return heads;
}

Result<std::vector<PackEntry>> DirectoryView::packs(const StreamName& stream) {
  const std::string id = stream.text();
  ROOTLET_TRY(const std::vector<DirectoryRow> found, rows(DirectoryKind::kPack, id, id));
  std::vector<PackEntry> packs;
  for (const DirectoryRow& each : found) {
    ROOTLET_TRY(PackEntry entry, pack_of(each));
    const bool is_known =
        !packs.empty() && packs.back().from == entry.from && packs.back().to == entry.to;
    if (!is_known) packs.push_back(std::move(entry));
  }
  return packs;
}

Result<std::optional<GrantEntry>> DirectoryView::grant(std::string_view token) {
  ROOTLET_TRY(const std::optional<DirectoryRow> found, row(DirectoryKind::kGrant, token));
  if (!found.has_value()) return std::optional<GrantEntry>();
  ROOTLET_TRY(GrantEntry entry, grant_of(*found));
  return std::optional(entry);
}

}  // namespace rootlet
