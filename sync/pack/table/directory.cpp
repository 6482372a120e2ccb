// Rows of the directory (docs/FORMATS.md, "Directory rows") and the paths that they stand for.
#include "sync/pack/table/directory.hpp"

#include "core/bytes.hpp"

namespace rootlet {
namespace {

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

}  // namespace

SectionSchema directory_schema() {
  return {.grade = 1,
          .columns = {{"kind", ColumnType::kInteger},
                      {"id", ColumnType::kText},
                      {"a", ColumnType::kInteger},
                      {"b", ColumnType::kInteger},
                      {"size", ColumnType::kInteger},
                      {"time", ColumnType::kInteger},
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
  block.columns[6].push_text(row.hash);
  block.columns[7].push_text(row.body);
}

Result<DirectoryRow> directory_row(const RowBlock& block, std::size_t row) {
  if (block.columns.size() != directory_schema().columns.size() || row >= block.rids.size()) {
    return fail(ErrorCode::kUntrusted, "directory: a block has the wrong shape");
  }
  DirectoryRow out;
  ROOTLET_TRY(const std::int64_t kind, integer_at(block, row, 0, "kind"));
  if (kind < 0 || kind > static_cast<std::int64_t>(DirectoryKind::kGrant)) {
    return row_error(row, "kind");
  }
  out.kind = static_cast<DirectoryKind>(kind);
  ROOTLET_TRY(out.id, text_at(block, row, 1, "id"));
  ROOTLET_TRY(out.a, integer_at(block, row, 2, "a"));
  ROOTLET_TRY(out.b, integer_at(block, row, 3, "b"));
  ROOTLET_TRY(out.size, integer_at(block, row, 4, "size"));
  ROOTLET_TRY(out.time, integer_at(block, row, 5, "time"));
  ROOTLET_TRY(out.hash, text_at(block, row, 6, "hash"));
  ROOTLET_TRY(out.body, text_at(block, row, 7, "body"));
  return out;
}

std::string pack_path(const Hash256& id) {
  const std::string hex = to_hex(id);
  return "packs/" + hex.substr(0, 2) + "/" + hex + ".pack";
}

std::string grant_path(std::string_view office) {
  return "offices/" + std::string(office) + ".grant";
}

}  // namespace rootlet
