// A dataset file in a temporary folder: applies packs to it and reads its rows back as people
// would.
#pragma once

#include <fstream>

#include "core/file/file.hpp"
#include "sync/downlink/apply/apply.hpp"
#include "sync/downlink/store/dataset_reader.hpp"
#include "sync/downlink/store/verify_store.hpp"
#include "tests/sync/downlink/fixture_table.hpp"

namespace rootlet::test {

inline const std::vector<std::string> kEverywhere = {"all"};

// A single pack.
inline Result<AppliedPack> apply_pack(DatasetStore& store, const StagedPack& pack,
                                      const ApplyContext& context,
                                      std::span<const RowWatch> watches = {}) {
  KeptTables tables(store, watches);
  return apply_pack(tables, pack, context);
}

// The publisher's state of one stream.
struct PublishedStream {
  StreamName name;
  std::vector<SymmetricKey> keys;  // one per grade of the definition
  Version version = 0;
  TestRows rows = {};
};

class StoreFixture {
 public:
  explicit StoreFixture(Grade max_grade = 3) : max_grade_(max_grade) {}

  DatasetStore open() {
    return must(DatasetStore::open(file(), key_, dataset_layout(definition, max_grade_), options));
  }
  DatasetReader reader() { return must(DatasetReader::open(file(), key_)); }
  fs::path file() const { return folder / "roster.db"; }
  const SymmetricKey& file_key() const { return key_; }
  void set_max_grade(Grade grade) { max_grade_ = grade; }

  PublishedStream stream(const std::string& partition) const {
    return {.name = {"roster", partition}, .keys = new_content_keys(definition)};
  }

  StagedPack stage(const BuiltPack& pack) const {
    const fs::path path = folder / (to_hex(pack.header.id) + ".part");
    must(write_file_atomically(path, pack.file));
    return {.header = pack.header,
            .file = path,
            .name = pack.header.id,
            .partition = pack.header.stream.partition};
  }

  // The pack from `from_rows` to the current rows of `stream`.
  BuiltPack pack(const PublishedStream& stream, Version from, const TestRows& from_rows) const {
    return pack_between(definition, {.stream = stream.name, .from = from, .to = stream.version},
                        from_rows, stream.rows, stream.keys, publisher);
  }
  StagedPack staged_snapshot(const PublishedStream& stream) const {
    return stage(pack(stream, 0, {}));
  }
  // Moves `stream` to its next version and returns the delta.
  StagedPack staged_delta(PublishedStream& stream, TestRows next) const {
    const TestRows before = stream.rows;
    stream.rows = std::move(next);
    stream.version += 1;
    return stage(pack(stream, stream.version - 1, before));
  }

  ApplyContext context(const PublishedStream& stream) const {
    ApplyContext context;
    for (std::size_t i = 0; i < dataset_layout(definition, max_grade_).sections.size(); ++i) {
      context.content_keys.push_back(stream.keys[i].clone());
    }
    context.as_of = UnixTime(std::chrono::seconds(1'790'000'000));
    context.received = context.as_of;
    return context;
  }

  // All rows that an office with this right sees, by rid. One stream only.
  TestRows read_back(Grade grade, const std::vector<std::string>& divisions = kEverywhere) {
    DatasetReader from = reader();
    const VisibleRows visible =
        must(from.visible_rows(definition, {.max_grade = grade, .divisions = divisions}));
    Statement select = must(from.database().prepare("SELECT * FROM " + visible.sql));
    TestRows rows;
    while (must(select.step())) {
      TestRow& row = rows[rid_of(select.integer(0))];
      for (std::size_t i = 0; i < visible.columns.size(); ++i) {
        const CellView cell = stored_cell(select, static_cast<int>(i) + 1, visible.columns[i].spec);
        row.push_back({cell.kind, cell.integer, std::string(cell.text)});
      }
    }
    return rows;
  }

  // The form of a published row that the office should see at `grade`.
  TestRows expected(const TestRows& rows, Grade grade) const {
    TestRows out;
    for (const auto& [rid, row] : rows) {
      for (const ShownColumn& shown : shown_columns(definition, {.max_grade = grade})) {
        ColumnSpec stored = shown.spec;
        if (shown.shown == Shown::kMasked) stored.name = masked_name(stored.name);
        const bool nothing = shown.shown == Shown::kNothing;
        out[rid].push_back(nothing ? OwnedCell{} : section_cell(definition, stored, row));
      }
    }
    return out;
  }

  // True if rows, digests and versions agree in every held stream.
  bool is_sound(const std::vector<const PublishedStream*>& streams) {
    DatasetReader from = reader();
    const auto lookup = [&](const HeldStream& held, Grade grade) -> std::optional<SymmetricKey> {
      const std::vector<SectionSchema> sections = definition.sections();
      for (const PublishedStream* stream : streams) {
        if (stream->name.partition != held.partition) continue;
        for (std::size_t i = 0; i < sections.size(); ++i) {
          if (sections[i].grade == grade) return stream->keys[i].clone();
        }
      }
      return std::nullopt;
    };
    for (const StreamVerdict& verdict : must(verify_streams(from.database(), lookup))) {
      if (!verdict.is_equal) return false;
    }
    return true;
  }

  DatasetDefinition definition = roster();
  SigningKey publisher = SigningKey::generate();
  StoreOptions options = {.step_rows = 7, .copy_rows = 35};  // small tables take several steps
  TempDir folder;

 private:
  SymmetricKey key_ = SymmetricKey::random();
  Grade max_grade_;
};

inline bool equal_rows(const TestRows& a, const TestRows& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && equal_cells(x.second, y.second);
  });
}

// Flips one bit of the file.
inline void flip_bit(const fs::path& path, std::size_t byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(byte));
  const int value = file.get();
  file.seekp(static_cast<std::streamoff>(byte));
  file.put(static_cast<char>(value ^ 1));
}

}  // namespace rootlet::test
