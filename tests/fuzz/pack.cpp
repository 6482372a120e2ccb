// Untrusted bytes into the pack readers: header, body and columns, dataset files. Nothing may
// crash, hang or grow; what decodes must come back the same once coded again.
#include <algorithm>
#include <cstdlib>

#include "sync/pack/body/body.hpp"
#include "sync/pack/columns/column_decoder.hpp"
#include "sync/pack/columns/column_encoder.hpp"
#include "sync/pack/compress.hpp"
#include "sync/pack/modelled/modelled_body.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet {
namespace {

const SectionSchema kSchema{.grade = 1,
                            .columns = {{.name = "text"},
                                        {.name = "number", .type = ColumnType::kInteger},
                                        {.name = "flag", .type = ColumnType::kBoolean},
                                        {.name = "bytes", .type = ColumnType::kBytes}}};

void require(bool holds) {
  if (!holds) std::abort();
}

// Has every possible row.
class EveryRow final : public BaseRows {
 public:
  Result<RowBlock> find(std::span<const Rid> rids) override {
    RowBlock rows;
    rows.columns.resize(kSchema.columns.size());
    for (const Rid rid : rids) {
      rows.rids.push_back(rid);
      if (rid % 5 == 0) {
        for (CellColumn& column : rows.columns) column.push_null();
        continue;
      }
      rows.columns[0].push_text(std::to_string(rid * 977));
      rows.columns[1].push_integer(static_cast<std::int64_t>(rid * 31));
      rows.columns[2].push_integer(static_cast<std::int64_t>(rid % 2));
      rows.columns[3].push_text("\xFF\x00old");
    }
    return rows;
  }
};

std::vector<CellView> cells_of(const CellColumn& column) {
  std::vector<CellView> cells;
  for (std::size_t i = 0; i < column.size(); ++i) cells.push_back(column.at(i));
  return cells;
}

// Codes the column again and reads it back.
void check_again(const ColumnSpec& spec, const CellColumn& column, const CellSelection& selection) {
  constexpr std::size_t kFewCells = 200;  // encoding is slow
  if (column.size() == 0 || column.size() > kFewCells) return;
  ColumnEncoder encoder;
  const std::vector<CellView> cells = cells_of(column);
  const Result<Bytes> coded = encoder.encode(spec, ColumnUse::kNew, cells, selection);
  require(coded.has_value());
  ByteReader in(coded.value(), "coded again");
  CellColumn back;
  require(ColumnDecoder(in).decode(spec, selection, back).has_value());
  require(in.at_end() && cells_of(back) == cells);
}

class CheckingSink final : public ChangeSink {
 public:
  Status remove(RowBlock rows) override { return shape(rows); }
  Status update(RowBlock old_rows, RowBlock new_rows) override {
    require(old_rows.rids == new_rows.rids);
    return shape(new_rows);
  }
  Status insert(RowBlock rows) override {
    for (std::size_t c = 0; c < rows.columns.size(); ++c) {
      check_again(kSchema.columns[c], rows.columns[c], {.count = rows.columns[c].size()});
    }
    return shape(rows);
  }

 private:
  static Status shape(const RowBlock& rows) {
    require(rows.columns.size() == kSchema.columns.size());
    require(std::is_sorted(rows.rids.begin(), rows.rids.end()));
    for (const CellColumn& column : rows.columns) require(column.size() == rows.rids.size());
    return ok();
  }
};

void fuzz_body(ByteView data, bool first_section) {
  bool given = false;
  const BodySource source = [&](Bytes& buffer) -> Result<bool> {
    if (given) return false;
    given = true;
    const SchemaFingerprint print = fingerprint(kSchema);
    buffer.insert(buffer.end(), print.begin(), print.end());
    buffer.insert(buffer.end(), data.begin(), data.end());
    return true;
  };
  EveryRow base;
  CheckingSink sink;
  RowLists lists{.deletes = {1, 2, 3}, .inserts = {4, 5, 6, 7}};
  (void)decode_body(source, kSchema, first_section, base, lists, sink);
}

// The first bytes of every modelled body of these columns.
Bytes modelled_start() {
  const SchemaFingerprint print = fingerprint(kSchema);
  ArithmeticCoder coder = ArithmeticCoder::writer();
  for (int i = 15; i >= 0; --i) coder.code((print[0] << 8 | print[1]) >> i & 1, 32'768);
  return coder.finish();
}

void fuzz_modelled(ByteView data, bool first_section) {
  if (data.empty()) return;
  const std::uint64_t raw_bytes = std::uint64_t{data[0]} * 257;
  bool given = false;
  const ArithmeticCoder::Source source = [&]() -> Result<Bytes> {
    if (given) return Bytes();
    given = true;
    Bytes bytes = modelled_start();
    bytes.insert(bytes.end(), data.begin() + 1, data.end());
    return bytes;
  };
  EveryRow base;
  CheckingSink sink;
  RowLists lists{.deletes = {1, 2, 3}, .inserts = {4, 5, 6, 7}};
  (void)decode_modelled(source, kSchema, first_section, raw_bytes, base, lists, sink);
}

// A changed column, decoded with the old cells and the other columns of its rows.
void fuzz_column(ByteView data) {
  if (data.size() < 2) return;
  const std::size_t column = data[0] % kSchema.columns.size();
  const std::size_t count = 1 + data[1] % 64;
  EveryRow base;
  std::vector<Rid> rids;
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rids.push_back(i);
    rows.push_back(static_cast<std::uint32_t>(i));
  }
  const RowBlock old_rows = std::move(base.find(rids)).value();
  BlockCells cells(count, kSchema.columns.size());
  for (std::size_t c = 0; c < kSchema.columns.size(); ++c) cells.set_old(c, old_rows.columns[c]);
  cells.set_current(column);
  const std::vector<CellView> old_cells = cells_of(old_rows.columns[column]);
  const CellSelection selection{
      .count = count, .old_cells = old_cells, .cells = &cells, .rows = &rows};
  ByteReader in(data.subspan(2), "column");
  CellColumn out;
  if (ColumnDecoder(in).decode(kSchema.columns[column], selection, out).has_error()) return;
  require(out.size() == count);
  check_again(kSchema.columns[column], out, selection);
}

void fuzz_header(ByteView data) {
  const Result<PackHeader> header = parse_pack_header(data);
  if (header.has_value()) require(header.value().header_bytes <= data.size());
}

void fuzz_definition(ByteView data) {
  const Result<DatasetDefinition> parsed = DatasetDefinition::parse(as_text(data), "fuzz");
  if (parsed.has_error()) return;
  require(!parsed.value().sections().empty());
  require(DatasetDefinition::parse(parsed.value().source, "again").has_value());
}

// A compressed body, sealed with our own key.
void fuzz_compressed(ByteView data) {
  if (data.empty()) return;
  static const SymmetricKey key;
  PackHeader header;
  header.stream = {"villages", "all"};
  header.to = 1;
  header.sections.push_back({.grade = 1, .raw_bytes = 64 + data.size() % 4096});
  const Hash256 identity = section_identity(header, 0);
  const Bytes sealed = seal_section(key, identity, data);
  header.sections[0].stored_bytes = sealed.size();
  header.sections[0].hash = start_of<16>(blake2b(sealed));
  std::size_t at = 0;
  const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
    const std::size_t count = std::min(at_most, sealed.size() - at);
    at += count;
    return to_bytes(ByteView(sealed).subspan(at - count, count));
  };
  Decompressor body(SectionOpener(header.sections[0], identity, key, source),
                    header.sections[0].raw_bytes);
  const Result<Compression> method = body.start();
  if (method.has_error() || method.value() == Compression::kModelled) return;
  Bytes out;
  while (true) {
    const Result<bool> more = body.read(out);
    require(out.size() <= header.sections[0].raw_bytes);
    if (more.has_error() || !more.value()) break;
  }
}

}  // namespace
}  // namespace rootlet

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  rootlet::initialise_crypto();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace rootlet;
  if (size == 0) return 0;
  const ByteView data(bytes + 1, size - 1);
  switch (bytes[0] % 8) {
    case 0:
      fuzz_header(data);
      break;
    case 1:
      fuzz_body(data, true);
      break;
    case 2:
      fuzz_body(data, false);
      break;
    case 3:
      fuzz_column(data);
      break;
    case 4:
      fuzz_definition(data);
      break;
    case 5:
      fuzz_modelled(data, true);
      break;
    case 6:
      fuzz_modelled(data, false);
      break;
    default:
      fuzz_compressed(data);
  }
  return 0;
}
