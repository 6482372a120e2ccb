// A publisher's table in memory, random edits of it, and packs of the changes, made with the real
// encoder.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "sync/pack/pack.hpp"
#include "sync/pack/table/dataset.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

using TestRow = std::vector<OwnedCell>;  // one cell for each column of the definition
using TestRows = std::map<Rid, TestRow>;

// "roster": key, texts, numbers, a masked phone of grade 2 and a remark of grade 3.
inline std::string roster_json(const std::string& extra_columns = "") {
  return R"JSON({"id":"roster","title":{"zh":"名册","en":"Roster"},
    "provider":{"code":"11330000MB0001","name":{"zh":"民政","en":"Civil affairs"}},
    "format":"table","update":"daily",
    "sharing":{"attribute":"unconditional","mode":"batch","uses":["look-up"]},
    "grade":"general","assessment":"2026-001",
    "division":{"column":"code","digits":4},
    "columns":[
      {"name":"id","type":"text","key":true},
      {"name":"code","type":"text"},
      {"name":"name","type":"text","search":true},
      {"name":"age","type":"integer"},
      {"name":"born","type":"date"},
      {"name":"sum","type":"decimal(2)"},
      {"name":"alive","type":"boolean"},
      {"name":"phone","type":"text","grade":2,"mask":"phone"},
      {"name":"remark","type":"text","grade":3})JSON" +
         extra_columns + "]}";
}

inline DatasetDefinition roster(const std::string& extra_columns = "") {
  return must(DatasetDefinition::parse(roster_json(extra_columns), "roster"));
}

inline OwnedCell text_cell(std::string text) {
  return {.kind = CellView::Kind::kText, .text = std::move(text)};
}
inline OwnedCell integer_cell(std::int64_t value) {
  return {.kind = CellView::Kind::kInteger, .integer = value};
}

inline std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) {
  return random() % bound;
}

inline TestRow random_row(std::mt19937_64& random, Rid rid) {
  static const std::vector<std::string> kNames = {"王小明", "李芳", "赵六·买买提", "O'Brien", ""};
  TestRow row;
  row.push_back(text_cell("33040" + std::to_string(rid)));
  row.push_back(text_cell("330402" + std::to_string(100 + below(random, 20))));
  row.push_back(text_cell(kNames[below(random, kNames.size())]));
  row.push_back(below(random, 5) == 0 ? OwnedCell{}
                                      : integer_cell(std::int64_t(below(random, 99))));
  row.push_back(text_cell("19" + std::to_string(50 + below(random, 49)) + "-01-02"));
  row.push_back(integer_cell(std::int64_t(random()) >> 20));
  row.push_back(integer_cell(std::int64_t(below(random, 2))));
  row.push_back(text_cell("138" + std::to_string(10000000 + below(random, 89999999))));
  row.push_back(below(random, 3) == 0 ? OwnedCell{}
                                      : text_cell("note " + std::to_string(random())));
  return row;
}

inline TestRows random_rows(std::mt19937_64& random, std::size_t count) {
  TestRows rows;
  for (Rid rid = 0; rid < count; ++rid) rows[rid] = random_row(random, rid);
  return rows;
}

// Deletes some rows, changes a few columns of others, inserts new ones; reuses rids of deleted
// rows.
inline TestRows edited(std::mt19937_64& random, const TestRows& rows) {
  TestRows next = rows;
  for (const auto& [rid, row] : rows) {
    const std::uint64_t fate = below(random, 10);
    if (fate == 0) next.erase(rid);
    if (fate == 1) next[rid] = random_row(random, rid);
    if (fate == 2) next[rid][3] = integer_cell(std::int64_t(below(random, 120)));
    if (fate == 3) next[rid][8] = text_cell("changed " + std::to_string(random()));
  }
  for (std::uint64_t i = below(random, 1 + rows.size() / 8); i > 0; --i) {
    Rid rid = 0;
    while (next.contains(rid)) ++rid;
    next[rid] = random_row(random, rid);
  }
  return next;
}

inline OwnedCell section_cell(const DatasetDefinition& definition, const ColumnSpec& column,
                              const TestRow& row) {
  const bool masked = column.name.ends_with('~');
  const std::string name = masked ? column.name.substr(0, column.name.size() - 1) : column.name;
  for (std::size_t i = 0; i < definition.columns.size(); ++i) {
    if (definition.columns[i].spec.name != name) continue;
    if (i >= row.size()) return {};  // a column that was added after this row was made
    if (!masked || row[i].kind == CellView::Kind::kNull) return row[i];
    return text_cell(mask_text(definition.columns[i].mask,
                               format_cell(definition.columns[i].spec, row[i].view())));
  }
  FAIL("no such column");
  return {};
}

inline std::vector<OwnedCell> section_row(const DatasetDefinition& definition,
                                          const SectionSchema& schema, const TestRow& row) {
  std::vector<OwnedCell> cells;
  for (const ColumnSpec& column : schema.columns) {
    cells.push_back(section_cell(definition, column, row));
  }
  return cells;
}

inline bool equal_cells(const std::vector<OwnedCell>& a, const std::vector<OwnedCell>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const OwnedCell& x, const OwnedCell& y) { return x.view() == y.view(); });
}

inline void push_row(RowBlock& block, std::size_t columns, Rid rid,
                     const std::vector<OwnedCell>& cells) {
  block.columns.resize(columns);
  block.rids.push_back(rid);
  for (std::size_t i = 0; i < cells.size(); ++i) block.columns[i].push(cells[i].view());
}

inline SectionDigest digest_of(const DatasetDefinition& definition, const SectionSchema& schema,
                               const TestRows& rows, const SymmetricKey& content_key) {
  RowBlock block;
  for (const auto& [rid, row] : rows) {
    push_row(block, schema.columns.size(), rid, section_row(definition, schema, row));
  }
  SectionDigest digest;
  digest.add(digest_key(content_key), block);
  return digest;
}

inline SectionChanges section_changes(const DatasetDefinition& definition,
                                      const SectionSchema& schema, const TestRows& before,
                                      const TestRows& after, const SymmetricKey& content_key) {
  SectionChanges changes;
  changes.schema = schema;
  const std::size_t columns = schema.columns.size();
  for (const auto& [rid, row] : before) {
    if (schema.grade == 1 && !after.contains(rid)) changes.deletes.push_back(rid);
  }
  for (const auto& [rid, row] : after) {
    const std::vector<OwnedCell> cells = section_row(definition, schema, row);
    const auto old = before.find(rid);
    if (old == before.end()) {
      push_row(changes.inserts, columns, rid, cells);
      continue;
    }
    const std::vector<OwnedCell> old_cells = section_row(definition, schema, old->second);
    if (equal_cells(cells, old_cells)) continue;
    push_row(changes.updated_old, columns, rid, old_cells);
    push_row(changes.updated_new, columns, rid, cells);
  }
  changes.before = digest_of(definition, schema, before, content_key);
  changes.after = digest_of(definition, schema, after, content_key);
  return changes;
}

inline std::vector<SymmetricKey> new_content_keys(const DatasetDefinition& definition) {
  std::vector<SymmetricKey> keys;
  for (std::size_t i = 0; i < definition.sections().size(); ++i) {
    keys.push_back(SymmetricKey::random());
  }
  return keys;
}

inline BuiltPack pack_between(const DatasetDefinition& definition, const PackSpec& spec,
                              const TestRows& before, const TestRows& after,
                              const std::vector<SymmetricKey>& keys, const SigningKey& publisher) {
  std::vector<SectionChanges> sections;
  const std::vector<SectionSchema> schemas = definition.sections();
  for (std::size_t i = 0; i < schemas.size(); ++i) {
    sections.push_back(section_changes(definition, schemas[i], before, after, keys[i]));
  }
  return must(build_pack(spec, sections, keys, publisher));
}

}  // namespace rootlet::test
