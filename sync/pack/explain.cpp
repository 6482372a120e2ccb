// Walks the blocks as the decoder does, but counts bytes instead of producing rows.
#include "sync/pack/explain.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/format/json.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/columns/column_decoder.hpp"
#include "sync/pack/compress.hpp"
#include "sync/pack/modelled/modelled_body.hpp"

namespace rootlet {
namespace {

struct Usage {
  std::uint64_t cells = 0, bytes = 0;
};

// Cells and bytes of a column by code tree.
using CodeUsage = std::map<std::string, Usage>;

struct SectionUsage {
  std::uint64_t blocks = 0, row_bytes = 0, references_bytes = 0;
  RowCursor rows;
  std::vector<CodeUsage> updates, inserts;  // by column
};

class Walker {
 public:
  Walker(const SectionSchema& schema, bool first_section, SectionUsage& usage)
      : schema_(schema), first_section_(first_section), usage_(usage) {
    usage_.updates.resize(schema.columns.size());
    usage_.inserts.resize(schema.columns.size());
  }

  Status walk(ByteView block) {
    usage_.blocks += 1;
    ByteReader in(block, "rows");
    ROOTLET_TRY(const BlockRows rows, decode_block_rows(in, schema_, first_section_, usage_.rows));
    usage_.row_bytes += in.position();
    InsertOrder order;
    if (rows.insert_count > 0) {
      ROOTLET_TRY(order, walk_insert_head(in, rows.insert_count));
    }
    if (!rows.updates.empty()) {
      ROOTLET_TRY(walk_updates(in, rows.updates.size()));
    }
    ROOTLET_TRY(walk_inserts(in, rows.insert_count, order));
    return in.expect_end();
  }

 private:
  Status walk_updates(ByteReader& in, std::size_t updates) {
    ROOTLET_TRY(const std::uint64_t columns, in.varint_up_to(schema_.columns.size()));
    std::uint64_t next_column = 0;
    for (std::uint64_t i = 0; i < columns; ++i) {
      const std::size_t begin = in.position();
      ROOTLET_TRY(const ExplicitColumn explicit_cells,
                  decode_changed_column(in, schema_, next_column));
      ROOTLET_TRY(count_explicit(in, explicit_cells, updates, begin,
                                 usage_.updates[explicit_cells.column]));
    }
    return ok();
  }

  Result<InsertOrder> walk_insert_head(ByteReader& in, std::size_t inserts) {
    std::size_t begin = in.position();
    ROOTLET_TRY(InsertOrder order, decode_insert_order(in, schema_.columns.size()));
    usage_.row_bytes += in.position() - begin;
    if (!order.with_references) return order;
    begin = in.position();
    std::string tree;
    CellColumn ignored;
    ROOTLET_TRY(ColumnDecoder(in, &tree).decode(kReferenceColumn, {.count = inserts}, ignored));
    usage_.references_bytes += in.position() - begin;
    return order;
  }

  Status walk_inserts(ByteReader& in, std::size_t inserts, const InsertOrder& order) {
    for (const std::size_t c : order.columns) {
      const std::size_t begin = in.position();
      auto choice = static_cast<std::uint8_t>(CellChoice::kAll);
      if (order.with_references) {
        ROOTLET_TRY(choice, in.u8());
      }
      if (choice > static_cast<std::uint8_t>(CellChoice::kNone))
        return in.error("an unknown choice of cells");
      ROOTLET_TRY(count_explicit(in, {c, static_cast<CellChoice>(choice)}, inserts, begin,
                                 usage_.inserts[c]));
    }
    return ok();
  }

  Status count_explicit(ByteReader& in, const ExplicitColumn& explicit_cells, std::size_t rows,
                        std::size_t begin, CodeUsage& usage) {
    if (explicit_cells.choice == CellChoice::kNone) {
      usage["as the reference"].bytes += in.position() - begin;
      return ok();
    }
    ROOTLET_TRY(const std::vector<std::uint32_t> cells,
                decode_explicit_rows(in, explicit_cells.choice, rows, nullptr));
    return count(in, explicit_cells.column, cells.size(), begin, usage);
  }

  Status count(ByteReader& in, std::size_t column, std::size_t cells, std::size_t begin,
               CodeUsage& usage) {
    std::string tree;
    CellColumn ignored;
    ROOTLET_TRY(
        ColumnDecoder(in, &tree).decode(schema_.columns[column], {.count = cells}, ignored));
    usage[tree].cells += cells;
    usage[tree].bytes += in.position() - begin;
    return ok();
  }

  const SectionSchema& schema_;
  const bool first_section_;
  SectionUsage& usage_;
};

json::array codes_json(const CodeUsage& usage) {
  json::array out;
  for (const auto& [tree, used] : usage) {
    out.push_back({{"code", tree}, {"cells", used.cells}, {"bytes", used.bytes}});
  }
  return out;
}

json::array columns_json(const SectionSchema& schema, const SectionUsage& usage) {
  json::array out;
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    std::uint64_t bytes = 0;
    for (const CodeUsage* one : {&usage.updates[c], &usage.inserts[c]}) {
      for (const auto& [tree, used] : *one) bytes += used.bytes;
    }
    out.push_back({{"name", schema.columns[c].name},
                   {"bytes", bytes},
                   {"updates", codes_json(usage.updates[c])},
                   {"inserts", codes_json(usage.inserts[c])}});
  }
  return out;
}

json::object section_header_json(const PackSection& section) {
  return {{"grade", section.grade},
          {"stored_bytes", section.stored_bytes},
          {"raw_bytes", section.raw_bytes},
          {"hash", to_hex(section.hash)},
          {"digest_before", to_hex(section.before)},
          {"digest_after", to_hex(section.after)}};
}

// Counts rows and drops them.
class RowCount final : public ChangeSink {
 public:
  Status remove(RowBlock old_rows) override {
    rows_.deletes += old_rows.rids.size();
    return ok();
  }
  Status update(RowBlock, RowBlock new_rows) override {
    rows_.updates += new_rows.rids.size();
    return ok();
  }
  Status insert(RowBlock rows) override {
    rows_.inserts += rows.rids.size();
    return ok();
  }
  const RowCursor& rows() const { return rows_; }

 private:
  RowCursor rows_;
};

double bytes_of(std::uint64_t bits_65536) {
  return std::round(static_cast<double>(bits_65536) / 524'288.0 * 10) / 10;
}

// What each part of the section cost, as measured by the model.
Result<json::object> modelled_content(Decompressor& body, const PackSection& entry,
                                      bool first_section, const SectionKey& key, RowLists& lists) {
  json::object out{{"coding", "modelled"}};
  if (key.base == nullptr) return out;
  RowCount rows;
  ModelCosts costs;
  ROOTLET_TRY(decode_modelled([&] { return body.take(); }, key.schema, first_section,
                              entry.raw_bytes, *key.base, lists, rows, &costs));
  out["deletes"] = rows.rows().deletes;
  out["updates"] = rows.rows().updates;
  out["inserts"] = rows.rows().inserts;
  out["row_bytes"] = bytes_of(costs.rows);
  out["changed_columns_bytes"] = bytes_of(costs.columns);
  out["references_bytes"] = bytes_of(costs.references);
  json::array columns;
  for (std::size_t c = 0; c < key.schema.columns.size(); ++c) {
    columns.push_back(
        json::object{{"name", key.schema.columns[c].name}, {"bytes", bytes_of(costs.cells[c])}});
  }
  out["columns"] = std::move(columns);
  return out;
}

Result<json::object> open_section(ByteView file, const PackHeader& header, std::size_t index,
                                  const SectionKey& key, RowLists& lists) {
  std::size_t at = static_cast<std::size_t>(header.header_bytes);
  for (std::size_t i = 0; i < index; ++i) {
    at += static_cast<std::size_t>(header.sections[i].stored_bytes);
  }
  const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
    const std::size_t count = std::min(at_most, file.size() - std::min(at, file.size()));
    at += count;
    return to_bytes(file.subspan(at - count, count));
  };
  const PackSection& entry = header.sections[index];
  Decompressor body(SectionOpener(entry, section_identity(header, index), key.content_key, source),
                    entry.raw_bytes);
  ROOTLET_TRY(const Compression method, body.start());
  if (method == Compression::kModelled) {
    return modelled_content(body, entry, index == 0, key, lists);
  }
  SectionUsage usage;
  Walker walker(key.schema, index == 0, usage);
  ROOTLET_TRY(read_blocks([&](Bytes& buffer) { return body.read(buffer); }, key.schema,
                          [&](ByteView block) { return walker.walk(block); }));
  json::object out{{"coding", "columns"}};
  out["blocks"] = usage.blocks;
  out["deletes"] = usage.rows.deletes;
  out["updates"] = usage.rows.updates;
  out["inserts"] = usage.rows.inserts;
  out["row_bytes"] = usage.row_bytes;
  out["references_bytes"] = usage.references_bytes;
  out["columns"] = columns_json(key.schema, usage);
  return out;
}

}  // namespace

Result<json::value> explain_pack(ByteView file, std::span<const std::optional<SectionKey>> keys) {
  ROOTLET_TRY(const PackHeader header, parse_pack_header(file));
  json::array sections;
  RowLists lists;
  for (std::size_t i = 0; i < header.sections.size(); ++i) {
    json::object section = section_header_json(header.sections[i]);
    if (i < keys.size() && keys[i]) {
      Result<json::object> opened = open_section(file, header, i, *keys[i], lists);
      if (opened.has_error()) return within("section " + std::to_string(i), opened.error());
      section["content"] = std::move(opened).value();
    }
    sections.push_back(std::move(section));
  }
  return json::value{{"id", to_hex(header.id)},
                     {"stream", header.stream.text()},
                     {"from", header.from},
                     {"to", header.to},
                     {"epoch", header.epoch},
                     {"suite", header.suite},
                     {"header_bytes", header.header_bytes},
                     {"file_bytes", header.file_bytes()},
                     {"sections", std::move(sections)}};
}

}  // namespace rootlet
