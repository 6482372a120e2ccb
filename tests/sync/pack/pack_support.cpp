// Tables, packs and edits for the tests of sync/pack.
#include "tests/sync/pack/pack_support.hpp"

#include <algorithm>

#include "sync/pack/table/dataset.hpp"

namespace rootlet::test {

RowBlock block_of(const Rows& rows, std::size_t columns) {
  RowBlock block;
  block.columns.resize(columns);
  for (const auto& [rid, row] : rows) {
    block.rids.push_back(rid);
    for (std::size_t c = 0; c < columns; ++c) block.columns[c].push(row[c].view());
  }
  return block;
}

SectionDigest digest_of(const Rows& rows, std::size_t columns, const SymmetricKey& content_key) {
  SectionDigest digest;
  digest.add(digest_key(content_key), block_of(rows, columns));
  return digest;
}

SectionChanges changes_between(const SectionSchema& schema, const Rows& before, const Rows& after,
                               const SymmetricKey& content_key, bool first_section) {
  const std::size_t columns = schema.columns.size();
  Rows updated_old, updated_new, inserts;
  SectionChanges changes;
  changes.schema = schema;
  for (const auto& [rid, row] : before) {
    const auto now = after.find(rid);
    if (now == after.end()) {
      if (first_section) changes.deletes.push_back(rid);
    } else if (now->second != row) {
      updated_old.emplace(rid, row);
      updated_new.emplace(rid, now->second);
    }
  }
  for (const auto& [rid, row] : after) {
    if (!before.contains(rid)) inserts.emplace(rid, row);
  }
  changes.updated_old = block_of(updated_old, columns);
  changes.updated_new = block_of(updated_new, columns);
  changes.inserts = block_of(inserts, columns);
  changes.before = digest_of(before, columns, content_key);
  changes.after = digest_of(after, columns, content_key);
  return changes;
}

namespace {
Row row_at(const RowBlock& block, std::size_t row) {
  Row out;
  for (const CellColumn& column : block.columns) {
    const CellView cell = column.at(row);
    out.push_back({cell.kind, cell.integer, std::string(cell.text)});
  }
  return out;
}
}  // namespace

Result<RowBlock> MemoryTable::find(std::span<const Rid> rids) {
  Rows found;
  for (const Rid rid : rids) {
    const auto row = committed_.find(rid);
    if (row != committed_.end()) found.insert(*row);
  }
  return block_of(found, columns_);
}

Status MemoryTable::walk(std::span<const std::size_t> columns, const Visit& visit) {
  for (const auto& [rid, row] : committed_) {
    std::vector<CellView> cells;
    for (const std::size_t column : columns) cells.push_back(row.at(column).view());
    visit(rid, cells);
  }
  return ok();
}

Status MemoryTable::remove(RowBlock old_rows) {
  ++calls_;
  for (const Rid rid : old_rows.rids) working_.erase(rid);
  return ok();
}

Status MemoryTable::update(RowBlock old_rows, RowBlock new_rows) {
  ++calls_;
  CHECK(old_rows.rids == new_rows.rids);
  for (std::size_t i = 0; i < new_rows.rids.size(); ++i) {
    working_[new_rows.rids[i]] = row_at(new_rows, i);
  }
  return ok();
}

Status MemoryTable::insert(RowBlock rows) {
  ++calls_;
  for (std::size_t i = 0; i < rows.rids.size(); ++i) {
    if (!working_.emplace(rows.rids[i], row_at(rows, i)).second) {
      return fail(ErrorCode::kUntrusted, "a row exists already");
    }
  }
  return ok();
}

SectionSource source_of(const Bytes& file, const PackHeader& header, std::size_t section,
                        std::size_t piece) {
  std::size_t begin = header.header_bytes;
  for (std::size_t i = 0; i < section; ++i) begin += header.sections[i].stored_bytes;
  const std::size_t end =
      std::min<std::size_t>(file.size(), begin + header.sections[section].stored_bytes);
  return [&file, at = begin, end, piece](std::size_t at_most) mutable -> Result<Bytes> {
    const std::size_t count = std::min({at_most, piece, end - std::min(at, end)});
    Bytes out(file.begin() + static_cast<std::ptrdiff_t>(std::min(at, end)),
              file.begin() + static_cast<std::ptrdiff_t>(std::min(at, end) + count));
    at += count;
    return out;
  };
}

Status read_into(const World& world, const BuiltPack& pack, const Bytes& file,
                 const SectionSchema& schema, MemoryTable& table) {
  const std::vector<PublicKey> publishers{world.publisher.public_key};
  ROOTLET_TRY(const PackHeader header, verify_pack_header(file, publishers));
  if (header.file_bytes() != file.size()) return fail(ErrorCode::kUntrusted, "another length");
  if (header.id != pack.header.id) return fail(ErrorCode::kUntrusted, "another pack");
  RowLists lists;
  ROOTLET_TRY(read_pack_section(header, 0, schema, world.keys[0], source_of(file, header, 0), table,
                                lists, table));
  table.commit();
  return ok();
}

SectionSchema random_schema(std::mt19937_64& random) {
  static constexpr std::array kTypes{ColumnType::kText, ColumnType::kInteger,  ColumnType::kDecimal,
                                     ColumnType::kDate, ColumnType::kDatetime, ColumnType::kBoolean,
                                     ColumnType::kBytes};
  SectionSchema schema;
  const std::size_t count = 1 + random() % 7;
  for (std::size_t c = 0; c < count; ++c) {
    ColumnSpec column{.name = "c" + std::to_string(c), .type = kTypes[random() % kTypes.size()]};
    if (column.type == ColumnType::kDecimal) column.scale = static_cast<std::uint8_t>(random() % 5);
    schema.columns.push_back(column);
  }
  return schema;
}

namespace {

std::string random_text(std::mt19937_64& random) {
  static const std::array<std::string, 8> kWords{"王", "小明", "社区居委会",       "村",
                                                 "a",  "",     "\xF0\xA0\x80\x80", "·"};
  std::string out;
  switch (random() % 5) {
    case 0:
      return std::to_string(330400000000 + random() % 3000);
    case 1:
      return std::to_string(random() % 100);
    case 2:
      return "0" + std::to_string(random() % 10);
    default:
      for (std::size_t i = random() % 6; i > 0; --i) out += kWords[random() % kWords.size()];
      return out;
  }
}

std::int64_t random_number(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0:
      return static_cast<std::int64_t>(random());
    case 1:
      return 7;
    case 2:
      return std::numeric_limits<std::int64_t>::min();
    default:
      return static_cast<std::int64_t>(random() % 1000) - 500;
  }
}

}  // namespace

OwnedCell random_cell(std::mt19937_64& random, const ColumnSpec& column) {
  if (random() % 8 == 0) return {};
  const auto text = [](std::string value) {
    return OwnedCell{.kind = CellView::Kind::kText, .text = std::move(value)};
  };
  switch (column.type) {
    case ColumnType::kBoolean:
      return {.kind = CellView::Kind::kInteger, .integer = static_cast<std::int64_t>(random() % 2)};
    case ColumnType::kInteger:
    case ColumnType::kDecimal:
      return {.kind = CellView::Kind::kInteger, .integer = random_number(random)};
    case ColumnType::kBytes:
      return text(std::string(random() % 40, static_cast<char>(random())));
    case ColumnType::kDate:
      return text("20" + std::to_string(10 + random() % 80) + "-01-01");
    default:
      return text(random_text(random));
  }
}

Rows random_rows(std::mt19937_64& random, const SectionSchema& schema, std::size_t count) {
  Rows rows;
  Rid rid = random() % 3;
  for (std::size_t i = 0; i < count; ++i, rid += 1 + (random() % 10 == 0 ? random() % 1000 : 0)) {
    for (const ColumnSpec& column : schema.columns) {
      rows[rid].push_back(random_cell(random, column));
    }
  }
  return rows;
}

Rows edited(std::mt19937_64& random, const SectionSchema& schema, Rows rows) {
  const Rows before = rows;
  const std::uint64_t one_in = 1 + random() % 10;
  for (const auto& [rid, row] : before) {
    if (random() % one_in != 0) continue;
    if (random() % 3 == 0) {
      rows.erase(rid);
      continue;
    }
    const std::size_t c = random() % row.size();
    rows[rid][c] = random_cell(random, schema.columns[c]);
  }
  for (std::size_t i = random() % 20; i > 0; --i) {
    const Rid rid = random() % (2 * before.size() + 10);
    if (rows.contains(rid)) continue;
    for (const ColumnSpec& column : schema.columns) {
      rows[rid].push_back(random_cell(random, column));
    }
  }
  return rows;
}

}  // namespace rootlet::test
