// Every way to alter, truncate, swap or replay a pack is rejected, and nothing is committed.
#include <sodium.h>

#include <algorithm>

#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/header.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

const SectionSchema kSchema{
    .grade = 1, .columns = {{.name = "code"}, {.name = "n", .type = ColumnType::kInteger}}};

Rows some_rows(std::size_t count) {
  Rows rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows[i] = {{.kind = CellView::Kind::kText, .text = std::to_string(330400 + i)},
               {.kind = CellView::Kind::kInteger, .integer = static_cast<std::int64_t>(i * i)}};
  }
  return rows;
}

struct Case {
  World world;
  Rows before, after;
  BuiltPack pack;

  explicit Case(std::size_t rows = 6) : before(some_rows(rows)), after(before) {
    if (rows > 6) {  // data that does not compress
      std::mt19937_64 random(rows);
      for (auto& [rid, row] : after) row[1].integer = static_cast<std::int64_t>(random());
    }
    after[2][1].integer = -7;
    after.erase(4);
    world.spec.from = 6;
    world.spec.to = 7;
    const SectionChanges changes = changes_between(kSchema, before, after, world.keys[0]);
    pack = must(build_pack(world.spec, std::span(&changes, 1), std::span(world.keys.data(), 1),
                           world.publisher));
  }

  // True if `file` is rejected and the table is unchanged.
  bool refuses(const Bytes& file) const { return refuses_as(pack, file); }
  bool refuses_as(const BuiltPack& expected, const Bytes& file) const {
    MemoryTable table(before, kSchema.columns.size());
    const Status done = read_into(world, expected, file, kSchema, table);
    return done.has_error() && done.error().code == ErrorCode::kUntrusted && table.rows() == before;
  }

  // The pack with `header` instead of its own, signed by `signer`; keeps the sections.
  BuiltPack resigned(PackHeader header, const SigningKey& signer) const {
    BuiltPack out;
    out.file = encode_pack_header(header);
    const Signature signature = sign(signer, kPackDomain, out.file);
    out.file.insert(out.file.end(), signature.begin(), signature.end());
    header.header_bytes = out.file.size();
    header.id = blake2b(out.file);
    out.header = header;
    const auto sections = pack.file.begin() + static_cast<std::ptrdiff_t>(pack.header.header_bytes);
    out.file.insert(out.file.end(), sections, pack.file.end());
    return out;
  }
};

}  // namespace

TEST_CASE("pack: a one-row, one-column change is small") {
  Case one;
  CHECK(one.pack.file.size() < 270);
  MESSAGE("bytes of a pack with one delete and one update: " << one.pack.file.size());
}

TEST_CASE("pack: no bit may be flipped") {
  const Case one;
  REQUIRE(!one.refuses(one.pack.file));
  for (std::size_t bit = 0; bit < one.pack.file.size() * 8; ++bit) {
    Bytes file = one.pack.file;
    file[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CAPTURE(bit);
    CHECK(one.refuses(file));
  }
}

TEST_CASE("pack: a flipped header is refused even under its own new id") {
  const Case one;
  for (std::size_t bit = 0; bit < one.pack.header.header_bytes * 8; ++bit) {
    BuiltPack forged = one.pack;
    forged.file[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    forged.header.id = blake2b(
        ByteView(forged.file).first(static_cast<std::size_t>(one.pack.header.header_bytes)));
    CAPTURE(bit);
    CHECK(one.refuses_as(forged, forged.file));
  }
}

TEST_CASE("pack: no end may be missing and none added") {
  const Case one;
  for (std::size_t size = 0; size < one.pack.file.size(); ++size) {
    CAPTURE(size);
    CHECK(one.refuses(
        Bytes(one.pack.file.begin(), one.pack.file.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  Bytes longer = one.pack.file;
  longer.push_back(0);
  CHECK(one.refuses(longer));
}

TEST_CASE("pack: another publisher's signature is refused") {
  const Case one;
  const BuiltPack forged = one.resigned(one.pack.header, SigningKey::generate());
  CHECK(one.refuses_as(forged, forged.file));
  const BuiltPack same = one.resigned(one.pack.header, one.world.publisher);
  CHECK(!one.refuses_as(same, same.file));
}

TEST_CASE("pack: a section is bound to its stream, versions, epoch and digests") {
  const Case one;
  const auto refused = [&](auto change) {
    PackHeader header = one.pack.header;
    change(header);
    const BuiltPack forged = one.resigned(header, one.world.publisher);
    return one.refuses_as(forged, forged.file);
  };
  CHECK(refused([](PackHeader& h) { h.stream.partition = "3305"; }));
  CHECK(refused([](PackHeader& h) { h.stream.dataset = "village"; }));
  CHECK(refused([](PackHeader& h) { h.from = 5; }));
  CHECK(refused([](PackHeader& h) { h.to = 8; }));
  CHECK(refused([](PackHeader& h) { h.epoch = 2; }));
  CHECK(refused([](PackHeader& h) { h.sections[0].raw_bytes += 1; }));
  CHECK(refused([](PackHeader& h) { h.sections[0].before = {}; }));
  CHECK(refused([](PackHeader& h) { h.sections[0].after = {}; }));
  CHECK(refused([](PackHeader& h) { h.sections[0].hash[0] ^= 1; }));
  CHECK(refused([](PackHeader& h) { h.sections[0].stored_bytes -= 1; }));
  CHECK(!refused([](PackHeader&) {}));
}

TEST_CASE("pack: another key, grade or column list does not open it") {
  const Case one;
  const auto read = [&](const SymmetricKey& key, const SectionSchema& schema) {
    MemoryTable table(one.before, schema.columns.size());
    RowLists lists;
    return read_pack_section(one.pack.header, 0, schema, key,
                             source_of(one.pack.file, one.pack.header, 0), table, lists, table);
  };
  CHECK(read(one.world.keys[0], kSchema).has_value());
  CHECK(code_of(read(one.world.keys[1], kSchema)) == ErrorCode::kUntrusted);
  SectionSchema other = kSchema;
  other.grade = 2;
  CHECK(code_of(read(one.world.keys[0], other)) == ErrorCode::kUntrusted);
  other = kSchema;
  other.columns[1].name = "m";
  const Status renamed = read(one.world.keys[0], other);
  CHECK(code_of(renamed) == ErrorCode::kUntrusted);
  CHECK(renamed.error().message.find("other columns") != std::string::npos);
  other = kSchema;
  other.columns[1].type = ColumnType::kBoolean;
  CHECK(code_of(read(one.world.keys[0], other)) == ErrorCode::kUntrusted);
}

TEST_CASE("pack: rows that the office does not hold are refused") {
  const Case one;
  Rows fewer = one.before;
  fewer.erase(2);
  MemoryTable table(fewer, kSchema.columns.size());
  CHECK(code_of(read_into(one.world, one.pack, one.pack.file, kSchema, table)) ==
        ErrorCode::kUntrusted);
  CHECK(table.rows() == fewer);
}

TEST_CASE("pack: chunks may not be dropped, swapped or repeated") {
  const ScopedPackSizes sizes({.seal_chunk_bytes = 40, .block_rows = 100, .block_bytes = 10'000});
  const Case one(400);
  const std::size_t header_bytes = static_cast<std::size_t>(one.pack.header.header_bytes);
  const std::size_t chunk = 40 + crypto_secretstream_xchacha20poly1305_ABYTES;
  const std::size_t first = header_bytes + crypto_secretstream_xchacha20poly1305_HEADERBYTES;
  REQUIRE(one.pack.file.size() > first + 2 * chunk);
  const auto at = [](Bytes& bytes, std::size_t offset) {
    return bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  // Each is signed again, so that only the seal can reveal it.
  const auto refused = [&](Bytes file) {
    PackHeader header = one.pack.header;
    const ByteView section = ByteView(file).subspan(header_bytes);
    header.sections[0].stored_bytes = section.size();
    header.sections[0].hash = start_of<16>(blake2b(section));
    BuiltPack forged = one.resigned(header, one.world.publisher);
    forged.file.resize(static_cast<std::size_t>(forged.header.header_bytes));
    forged.file.insert(forged.file.end(), section.begin(), section.end());
    return one.refuses_as(forged, forged.file);
  };
  CHECK(!refused(one.pack.file));
  Bytes dropped = one.pack.file;
  dropped.erase(at(dropped, first), at(dropped, first + chunk));
  CHECK(refused(dropped));
  Bytes swapped = one.pack.file;
  std::swap_ranges(at(swapped, first), at(swapped, first + chunk), at(swapped, first + chunk));
  CHECK(refused(swapped));
  Bytes repeated = one.pack.file;
  repeated.insert(at(repeated, first), at(repeated, first), at(repeated, first + chunk));
  CHECK(refused(repeated));
  Bytes cut = one.pack.file;
  cut.erase(at(cut, first + chunk), cut.end());
  CHECK(refused(cut));
}

}  // namespace rootlet::test
