// Rows, names, paths and keys of the directory (docs/FORMATS.md, "Directory").
#include "sync/pack/table/directory.hpp"

#include <algorithm>
#include <tuple>

#include "core/format/json.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kLevels[] = {2, 4, 6, 9, 12};  // digits of a division
constexpr std::size_t kGroupDigits = 4;
constexpr std::size_t kNameHashBytes = 8, kSliceNameBytes = 4, kTokenBytes = 16;
constexpr std::string_view kAll = "all";

constexpr std::string_view kOffices = "directory_offices";
constexpr std::string_view kSlice = "directory_slice_";
constexpr std::string_view kHeads = "directory_heads_";
constexpr std::string_view kCatalogue = "directory_catalogue";
constexpr std::string_view kDefinition = "directory_dataset_";

// A stream's name is public; that of a dataset need not be.
std::string hashed(std::string_view prefix, std::string_view dataset) {
  const Hash256 hash = blake2b(as_bytes(dataset));
  return std::string(prefix) + to_hex(ByteView(hash).first(kNameHashBytes));
}

Error row_error(std::size_t row, std::string_view column) {
  return fail(ErrorCode::kUntrusted, "directory: row " + std::to_string(row) + ": column " +
                                         std::string(column) + " is not what it should be");
}

Result<std::int64_t> integer_at(const RowBlock& block, std::size_t row, std::size_t column,
                                std::string_view name) {
  const CellView cell = block.columns[column].at(row);
  if (cell.kind != CellView::Kind::kInteger) return row_error(row, name);
  return cell.integer;
}

Result<std::string> text_at(const RowBlock& block, std::size_t row, std::size_t column,
                            std::string_view name) {
  const CellView cell = block.columns[column].at(row);
  if (cell.kind != CellView::Kind::kText) return row_error(row, name);
  return std::string(cell.text);
}

Hash256 named_hash(std::string_view domain, ByteView bytes) {
  Bytes all = to_bytes(domain);
  all.push_back(0);
  all.insert(all.end(), bytes.begin(), bytes.end());
  return blake2b(all);
}

}  // namespace

bool is_directory_stream(const StreamName& stream) {
  return stream.dataset.starts_with(kDirectoryPrefix);
}

StreamName node_stream(std::string_view division) {
  return {std::string(kDirectoryPrefix), std::string(division)};
}

StreamName offices_stream(std::string_view division) {
  return {std::string(kOffices), std::string(division)};
}

StreamName slice_stream(std::string_view name, std::string_view division) {
  return {std::string(kSlice) + std::string(name), std::string(division)};
}

StreamName heads_stream(std::string_view dataset, std::string_view division) {
  return {hashed(kHeads, dataset), std::string(division)};
}

StreamName catalogue_stream() {
  return {std::string(kCatalogue), std::string(kAll)};
}

StreamName definition_stream(std::string_view dataset) {
  return {hashed(kDefinition, dataset), std::string(kAll)};
}

std::vector<std::string> path_of(std::string_view division) {
  std::vector<std::string> path{std::string(kAll)};
  if (division == kAll) return path;
  for (const std::size_t digits : kLevels) {
    if (digits > division.size()) break;
    path.emplace_back(division.substr(0, digits));
  }
  return path;
}

std::string parent_of(std::string_view division) {
  if (division == kAll) return "";
  std::string parent(kAll);
  for (const std::size_t digits : kLevels) {
    if (digits >= division.size()) break;
    parent = division.substr(0, digits);
  }
  return parent;
}

SectionSchema directory_schema() {
  return {.grade = 1,
          .columns = {{"kind", ColumnType::kInteger},
                      {"id", ColumnType::kText},
                      {"a", ColumnType::kInteger},
                      {"b", ColumnType::kInteger},
                      {"size", ColumnType::kInteger},
                      {"time", ColumnType::kInteger},
                      {"file", ColumnType::kInteger},
                      {"offset", ColumnType::kInteger},
                      {"hash", ColumnType::kBytes},
                      {"body", ColumnType::kText}}};
}

void push_directory_row(RowBlock& block, Rid rid, const DirectoryRow& row) {
  block.columns.resize(directory_schema().columns.size());
  block.rids.push_back(rid);
  block.columns[0].push_integer(static_cast<std::int64_t>(row.kind));
  block.columns[1].push_text(row.id);
  block.columns[2].push_integer(row.a);
  block.columns[3].push_integer(row.b);
  block.columns[4].push_integer(row.size);
  block.columns[5].push_integer(row.time);
  block.columns[6].push_integer(row.file);
  block.columns[7].push_integer(row.offset);
  block.columns[8].push_text(row.hash);
  block.columns[9].push_text(row.body);
}

Result<DirectoryRow> directory_row(const RowBlock& block, std::size_t row) {
  if (block.columns.size() != directory_schema().columns.size() || row >= block.rids.size()) {
    return fail(ErrorCode::kUntrusted, "directory: a block has the wrong shape");
  }
  DirectoryRow out;
  ROOTLET_TRY(const std::int64_t kind, integer_at(block, row, 0, "kind"));
  if (kind < 0 || kind > static_cast<std::int64_t>(DirectoryKind::kListing)) {
    return row_error(row, "kind");
  }
  out.kind = static_cast<DirectoryKind>(kind);
  ROOTLET_TRY(out.id, text_at(block, row, 1, "id"));
  ROOTLET_TRY(out.a, integer_at(block, row, 2, "a"));
  ROOTLET_TRY(out.b, integer_at(block, row, 3, "b"));
  ROOTLET_TRY(out.size, integer_at(block, row, 4, "size"));
  ROOTLET_TRY(out.time, integer_at(block, row, 5, "time"));
  ROOTLET_TRY(out.file, integer_at(block, row, 6, "file"));
  ROOTLET_TRY(out.offset, integer_at(block, row, 7, "offset"));
  ROOTLET_TRY(out.hash, text_at(block, row, 8, "hash"));
  ROOTLET_TRY(out.body, text_at(block, row, 9, "body"));
  return out;
}

bool is_before(const DirectoryRow& one, const DirectoryRow& other) {
  return std::tie(one.id, one.kind, one.a, one.b) <
         std::tie(other.id, other.kind, other.a, other.b);
}

std::string pinned_digest(const SectionDigest& digest) {
  return std::string(as_text(digest.value())).substr(0, kPinnedDigestBytes);
}

Result<std::string> listing_of(std::string_view definition) {
  ROOTLET_TRY(const json::value value, parse_json(definition, "definition"));
  json::object line;
  for (const char* field : {"title", "provider", "sharing", "update", "summary"}) {
    const json::value* found = value.is_object() ? value.as_object().if_contains(field) : nullptr;
    if (found != nullptr) line[field] = *found;
  }
  return json::serialize(line);
}

std::string group_of(std::string_view division) {
  return std::string(division == kAll ? division : division.substr(0, kGroupDigits));
}

std::string packs_path(std::string_view division, std::int64_t file) {
  return "packs/" + group_of(division) + "/" + std::to_string(file) + ".packs";
}

std::string nodes_path(std::string_view division, std::int64_t file) {
  return "directory/" + group_of(division) + "/" + std::to_string(file) + ".packs";
}

std::string path_of_pack(const StreamName& stream, std::int64_t file) {
  return is_directory_stream(stream) ? nodes_path(stream.partition, file)
                                     : packs_path(stream.partition, file);
}

std::string news_path(std::string_view division) {
  return "news/" + group_of(division) + ".news";
}

std::string grant_path(std::string_view token, std::uint64_t version) {
  return "offices/" + std::string(token) + "." + std::to_string(version) + ".grant";
}

StreamName key_stream_of(const StreamName& stream) {
  if (stream.dataset == kOffices) return node_stream(stream.partition);
  if (stream.dataset.starts_with(kDefinition)) return catalogue_stream();
  return stream;
}

SymmetricKey derive_directory_key(const SymmetricKey& realm_secret, const StreamName& stream) {
  const std::string text = "rootlet directory key v1/" + key_stream_of(stream).text();
  const Hash256 derived = blake2b_keyed(realm_secret, as_bytes(text));
  SymmetricKey key;
  std::copy(derived.begin(), derived.end(), key.expose_mutable().begin());
  return key;
}

std::string slice_name(const SymmetricKey& heads_key) {
  const Hash256 hash = blake2b_keyed(heads_key, as_bytes("rootlet slice v1"));
  return to_hex(ByteView(hash).first(kSliceNameBytes));
}

std::string grant_token(const PublicKey& office_signing_key) {
  const Hash256 hash = named_hash("rootlet grant v1", office_signing_key);
  return to_hex(ByteView(hash).first(kTokenBytes));
}

}  // namespace rootlet
