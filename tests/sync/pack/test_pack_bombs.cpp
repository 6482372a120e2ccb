// Packs that are signed and sealed with a publisher's own key, but that no honest program builds.
// Each bound holds on its own.
#include <zstd.h>

#include "sync/pack/body/body.hpp"
#include "sync/pack/coding/codes.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/columns/column_decoder.hpp"
#include "sync/pack/columns/indexes.hpp"
#include "sync/pack/compress.hpp"
#include "sync/pack/header.hpp"
#include "sync/pack/seal.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

const SectionSchema kSchema{
    .grade = 1, .columns = {{.name = "t"}, {.name = "n", .type = ColumnType::kInteger}}};

// Reads a section with the compressed bytes `compressed`, declared to hold `raw_bytes`.
Status read_compressed(ByteView compressed, std::uint64_t raw_bytes) {
  const SymmetricKey key = SymmetricKey::random();
  PackHeader header;
  header.stream = {"villages", "all"};
  header.to = 1;
  header.sections.push_back({.grade = 1, .raw_bytes = raw_bytes});
  const Bytes sealed = seal_section(key, section_identity(header, 0), compressed);
  header.sections[0].stored_bytes = sealed.size();
  header.sections[0].hash = start_of<16>(blake2b(sealed));
  MemoryTable table({}, kSchema.columns.size());
  RowLists lists;
  const Status done = read_pack_section(header, 0, kSchema, key, source_of(sealed, header, 0, 7),
                                        table, lists, table);
  return done;
}

// Reads a stored body that starts with the right fingerprint.
Status read_body(ByteView blocks) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(Compression::kStored));
  out.raw(fingerprint(kSchema));
  out.raw(blocks);
  return read_compressed(out.view(), out.size() - 1);
}

Status read_block(ByteView block) {
  ByteWriter out;
  out.sized(block);
  return read_body(out.view());
}

// Reads one block into a table with one text column.
Status read_over(MemoryTable& table, ByteView block, RowLists& lists) {
  const SectionSchema schema{.grade = 1, .columns = {{.name = "t"}}};
  ByteWriter body;
  body.raw(fingerprint(schema));
  body.sized(block);
  const BodySource source = [&, given = false](Bytes& buffer) mutable -> Result<bool> {
    if (std::exchange(given, true)) return false;
    buffer.insert(buffer.end(), body.view().begin(), body.view().end());
    return true;
  };
  return decode_body(source, schema, true, table, lists, table);
}

// A block that inserts rows 0 to `rows` - 1 and then contains `columns`.
Bytes insert_block(std::size_t rows, ByteView columns) {
  ByteWriter out;
  out.varint(0);              // deletes
  out.varint(0);              // updates
  out.varint(rows << 2 | 1);  // inserts, one run
  out.varint(0);
  out.varint(rows - 1);
  out.u8(0);  // columns in their order
  out.raw(columns);
  return out.take();
}

Bytes code(Code one, std::initializer_list<std::uint8_t> rest) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(one));
  for (const std::uint8_t byte : rest) out.u8(byte);
  return out.take();
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

const Bytes kNumber = code(Code::kSame, {0});
const Bytes kText = code(Code::kSameText, {1, 'x'});

bool refused(const Status& status, std::string_view word) {
  if (status.has_value()) return false;
  CAPTURE(status.error().message);
  CHECK(status.error().code == ErrorCode::kUntrusted);
  CHECK(status.error().message.find(word) != std::string::npos);
  return true;
}

// `body` as compress() would write it; a `window_log` above 0 replaces the right one.
Bytes frame(ByteView body, int window_log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  Bytes out(ZSTD_compressBound(body.size()) + 64);
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  ZSTD_outBuffer made{out.data(), out.size(), 0};
  CHECK(ZSTD_compressStream2(context, &made, &in, ZSTD_e_end) == 0);
  ZSTD_freeCCtx(context);
  out.resize(made.pos);
  out[3] = static_cast<std::uint8_t>(Compression::kZstd);  // replaces the last magic byte
  out.erase(out.begin(), out.begin() + 3);
  // RFC 8878, 3.1.1.1.2: the window descriptor, here after method and frame descriptor.
  if (window_log > 0) out[2] = static_cast<std::uint8_t>((window_log - 10) << 3);
  return out;
}

Bytes small_body() {
  ByteWriter out;
  out.raw(fingerprint(kSchema));
  out.sized(insert_block(3, joined({kText, kNumber})));
  return out.take();
}

}  // namespace

TEST_CASE("bombs: the plain pieces are right") {
  CHECK(read_block(insert_block(3, joined({kText, kNumber}))).has_value());
  const Bytes body = small_body();
  CHECK(read_compressed(frame(body, 0), body.size()).has_value());
  CHECK(read_body({}).has_value());  // no changes
}

TEST_CASE("bombs: a body is exactly as long as declared") {
  const Bytes body = small_body();
  CHECK(refused(read_compressed(frame(body, 0), body.size() - 1), "longer than declared"));
  CHECK(refused(read_compressed(frame(body, 0), body.size() + 1), "shorter than declared"));
  Bytes trailing = frame(body, 0);
  trailing.push_back(0);
  CHECK(refused(read_compressed(trailing, body.size()), "bytes follow"));
  Bytes twice = frame(body, 0);
  const Bytes second = frame(body, 0);
  twice.insert(twice.end(), second.begin(), second.end());
  CHECK(refused(read_compressed(twice, body.size()), "bytes follow"));
  Bytes cut = frame(body, 0);
  cut.pop_back();
  CHECK(refused(read_compressed(cut, body.size()), "ends too early"));
  const Bytes zeros(8 * limits::kMiB, 0);
  CHECK(refused(read_compressed(frame(zeros, 0), 100), "does not decompress"));
}

TEST_CASE("bombs: windows above 8 MiB and unknown methods are refused") {
  const Bytes body = small_body();
  CHECK(read_compressed(frame(body, limits::kZstdWindowLog), body.size()).has_value());
  CHECK(refused(read_compressed(frame(body, limits::kZstdWindowLog + 1), body.size()),
                "does not decompress"));
  CHECK(refused(read_compressed(Bytes{3, 0, 0}, 2), "unknown method"));
}

TEST_CASE("bombs: a header that claims too much growth is refused") {
  PackHeader header;
  header.stream = {"villages", "all"};
  header.to = 1;
  header.sections.push_back({.grade = 1, .stored_bytes = 100, .raw_bytes = 65'536 + 409'600});
  CHECK(check_pack_header(header, ErrorCode::kUntrusted).has_value());
  header.sections[0].raw_bytes += 1;
  CHECK(refused(check_pack_header(header, ErrorCode::kUntrusted), "4096-fold"));
}

TEST_CASE("bombs: headers that contradict themselves are refused") {
  PackHeader good;
  good.stream = {"villages", "all"};
  good.to = 1;
  good.sections.push_back({.grade = 1});
  REQUIRE(check_pack_header(good, ErrorCode::kUntrusted).has_value());
  const auto wrong = [&](auto change) {
    PackHeader header = good;
    change(header);
    return check_pack_header(header, ErrorCode::kUntrusted).has_error();
  };
  CHECK(wrong([](PackHeader& h) { h.from = h.to; }));
  CHECK(wrong([](PackHeader& h) { h.epoch = 0; }));
  CHECK(wrong([](PackHeader& h) { h.sections.clear(); }));
  CHECK(wrong([](PackHeader& h) { h.sections[0].grade = 2; }));
  CHECK(wrong([](PackHeader& h) { h.sections.push_back({.grade = 1}); }));
  CHECK(wrong([](PackHeader& h) { h.sections.push_back({.grade = 5}); }));
  Bytes endless = encode_pack_header(good);
  endless.resize(limits::kPackHeaderBytes + 100);
  endless[6] = 0xFF;
  CHECK(parse_pack_header(endless).has_error());
}

TEST_CASE("bombs: blocks that claim more than they hold are refused") {
  ByteWriter huge;
  huge.varint(kDecodedBlockBytes + 1);
  CHECK(refused(read_body(huge.view()), "above"));
  ByteWriter missing;
  missing.varint(1'000'000);
  CHECK(refused(read_body(missing.view()), "ends too early"));
  CHECK(refused(read_block(Bytes{0, 0, 0}), "empty"));
  CHECK(refused(read_block(insert_block(65'537, {})), "longer than it may be"));
  CHECK(refused(read_block(joined({insert_block(3, joined({kText, kNumber})), Bytes{0}})),
                "too many"));
  CHECK(refused(read_block(Bytes{0, 0, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0x08}), "too large"));
}

TEST_CASE("bombs: text that grows without end is refused") {
  ByteWriter text;
  text.u8(static_cast<std::uint8_t>(Code::kSameText));
  text.sized(Bytes(limits::kCellBytes, 'x'));
  CHECK(refused(read_block(insert_block(65'536, joined({to_bytes(text.view()), kNumber}))),
                "more text than a block"));
  ByteWriter longer;
  longer.u8(static_cast<std::uint8_t>(Code::kSameText));
  longer.sized(Bytes(limits::kCellBytes + 1, 'x'));
  CHECK(refused(read_block(insert_block(1, joined({to_bytes(longer.view()), kNumber}))), "above"));
}

TEST_CASE("bombs: blocks out of order are refused") {
  ByteWriter blocks;
  blocks.sized(insert_block(3, joined({kText, kNumber})));
  blocks.sized(Bytes{4, 9, 0, 0});  // a delete after inserts
  CHECK(refused(read_body(blocks.view()), "out of order"));
  ByteWriter backwards;
  backwards.sized(insert_block(3, joined({kText, kNumber})));
  backwards.sized(insert_block(3, joined({kText, kNumber})));  // continues at 3, which is valid
  CHECK(read_body(backwards.view()).has_value());
}

TEST_CASE("codes: every wrong tree is refused by name") {
  const auto texts = [](std::initializer_list<Bytes> parts) {
    return read_block(insert_block(3, joined({joined(parts), kNumber})));
  };
  const auto numbers = [](std::initializer_list<Bytes> parts) {
    return read_block(insert_block(3, joined({kText, joined(parts)})));
  };
  CHECK(refused(texts({Bytes{0x7F}}), "unknown code"));
  CHECK(refused(numbers({Bytes{0x7F}}), "unknown code"));
  CHECK(refused(texts({kNumber}), "unknown code"));
  CHECK(refused(numbers({kText}), "unknown code"));
  CHECK(refused(numbers({code(Code::kUnsigned, {1, 2})}), "number"));
  CHECK(refused(numbers({code(Code::kUnsigned, {1, 2, 0x80, 0x00})}), "padded"));
  CHECK(refused(numbers({code(Code::kFromOld, {}), kNumber}), "old value"));
  CHECK(refused(texts({code(Code::kInsideOld, {}), kNumber, kNumber, kText}), "old value"));
  CHECK(refused(numbers({code(Code::kRuns, {0})}), "empty"));
  CHECK(refused(numbers({code(Code::kRuns, {4})}), "above"));
  CHECK(refused(numbers({code(Code::kRuns, {1}), code(Code::kSame, {4}), kNumber}), "too early"));
  CHECK(
      refused(numbers({code(Code::kRuns, {1}), code(Code::kSame, {8}), kNumber}), "wrong length"));
  CHECK(refused(numbers({code(Code::kRuns, {1}), kNumber, kNumber}), "wrong length"));
  CHECK(refused(numbers({code(Code::kChoice, {1}), kNumber, code(Code::kSame, {2})}), "choice"));
  CHECK(refused(texts({code(Code::kTextChoice, {1}), kText, code(Code::kSame, {1})}), "choice"));
  CHECK(refused(texts({code(Code::kPlainText, {0}), code(Code::kSame, {1})}), "65536"));
  CHECK(
      refused(texts({code(Code::kPlainText, {1}), code(Code::kSame, {2}), Bytes{'x'}}), "length"));
  CHECK(refused(texts({code(Code::kPlainText, {99}), code(Code::kSame, {20})}), "above"));
  CHECK(refused(texts({code(Code::kAfterPrefix, {}), code(Code::kSame, {2}), kText}), "prefix"));
  CHECK(refused(texts({code(Code::kDigits, {19}), kNumber}), "above"));
  CHECK(refused(texts({code(Code::kDigits, {1}), code(Code::kSame, {20})}), "more digits"));
  CHECK(refused(texts({code(Code::kDigits, {3}), code(Code::kSame, {1})}), "more digits"));
  CHECK(refused(texts({code(Code::kSameText, {1, 0xFF})}), "UTF-8"));
  CHECK(refused(texts({code(Code::kSomeNull, {4})}), "above"));
  CHECK(refused(texts({code(Code::kSomeNull, {1, 0, 2})}), "null"));
  CHECK(refused(texts({code(Code::kSomeNull, {0, 3})}), "no cells"));
  Bytes deep(20, static_cast<std::uint8_t>(Code::kFromPrevious));
  CHECK(refused(numbers({deep, kNumber}), "too deep"));
}

TEST_CASE("codes: every wrong form, mark and feature is refused by name") {
  const auto texts = [](std::initializer_list<Bytes> parts) {
    return read_block(insert_block(3, joined({joined(parts), kNumber})));
  };
  const auto numbers = [](std::initializer_list<Bytes> parts) {
    return read_block(insert_block(3, joined({kText, joined(parts)})));
  };
  const Bytes one = code(Code::kSame, {2});
  CHECK(refused(numbers({code(Code::kSplit, {1}), kNumber, kNumber}), "split"));
  CHECK(refused(numbers({code(Code::kCommon, {1, 0})}), "empty"));
  CHECK(refused(numbers({code(Code::kCommon, {1, 1}), kNumber, kNumber, kNumber}), "others"));
  CHECK(refused(numbers({code(Code::kCommon, {1, 1}), kNumber, one, kNumber}), "choice"));
  CHECK(refused(numbers({code(Code::kRepeated, {3}), one}), "before"));
  CHECK(refused(numbers({code(Code::kRepeated, {1}), kNumber, kNumber}), "marks"));
  CHECK(refused(numbers({code(Code::kRepeated, {4})}), "above"));
  CHECK(refused(numbers({code(Code::kRepeated, {0}), code(Code::kSame, {4})}), "mark"));
  CHECK(refused(numbers({code(Code::kFromCell, {1, 3}), kNumber}), "not there"));
  CHECK(refused(numbers({code(Code::kFromCell, {0, 2}), kNumber}), "feature"));
  CHECK(numbers({code(Code::kFromCell, {0, 3}), kNumber}).has_value());
  CHECK(refused(texts({code(Code::kPartOfCell, {0, 0, 1})}), "not there"));
  CHECK(refused(texts({code(Code::kPartOfCell, {1, 0, 1})}), "not there"));
  CHECK(refused(texts({code(Code::kDate, {2}), kNumber}), "form"));
  ByteWriter late;
  late.u8(static_cast<std::uint8_t>(Code::kSame));
  late.zigzag(2'932'897);
  CHECK(refused(texts({code(Code::kDate, {0}), to_bytes(late.view())}), "years"));
  CHECK(refused(texts({code(Code::kMoment, {4}), kNumber, kNumber}), "form"));
  ByteWriter midnight;
  midnight.u8(static_cast<std::uint8_t>(Code::kSame));
  midnight.zigzag(86'400);
  CHECK(refused(texts({code(Code::kMoment, {0}), kNumber, to_bytes(midnight.view())}), "digits"));
  CHECK(refused(texts({code(Code::kIdentity, {}), code(Code::kSame, {1}), kNumber, kNumber}),
                "digits"));
  CHECK(refused(texts({code(Code::kRepeatedText, {3}), one}), "before"));
  CHECK(refused(texts({code(Code::kCounted, {}), kText, Bytes{1}}), "gaps"));
  CHECK(refused(texts({code(Code::kCounted, {}), code(Code::kSameText, {1, 1}), Bytes{3},
                       code(Code::kSame, {1})}),
                "digits"));
  CHECK(refused(texts({code(Code::kPieces, {0, 0, 0}), kNumber, Bytes{2}, kText}), "more pieces"));
  CHECK(refused(texts({code(Code::kPieces, {0, 0, 0}), kNumber, Bytes{4}, kText}), "fewer pieces"));
  CHECK(refused(texts({code(Code::kPieces, {0, 0, 0}), code(Code::kSame, {1}), Bytes{3}, kText}),
                "more pieces"));
  CHECK(texts({code(Code::kPieces, {0, 0, 0}), kNumber, Bytes{3}, kText}).has_value());
  CHECK(refused(texts({code(Code::kAroundCell, {0}), kText}), "not there"));
  CHECK(refused(texts({code(Code::kAroundCell, {1}), kText}), "not there"));
  CHECK(refused(texts({code(Code::kCharacters, {0})}), "empty"));
  CHECK(refused(texts({code(Code::kCharacters, {1}), code(Code::kSame, {1})}), "Unicode"));
  CHECK(refused(texts({code(Code::kNullMarks, {0}), kNumber}), "no cells"));
  CHECK(texts({code(Code::kEither, {0}), kNumber, kText}).has_value());
}

TEST_CASE("codes: a model uses only columns that are there, and ends with its bytes") {
  const auto numbers = [](std::initializer_list<std::uint8_t> model) {
    return read_block(insert_block(3, joined({kText, code(Code::kModelled, model)})));
  };
  const auto texts = [](std::initializer_list<Bytes> parts) {
    return read_block(insert_block(3, joined({joined(parts), kNumber})));
  };
  CHECK(numbers({0, 0, 0, 0, 1, 0}).has_value());  // one bit each, no bytes: zeros
  CHECK(numbers({0x20, 0, 0, 0, 1, 0}).has_value());
  CHECK(refused(numbers({0x40, 0, 0, 0, 1, 0}), "form"));
  CHECK(refused(texts({code(Code::kCharacters, {1}), kNumber, kNumber, Bytes{3, 0, 0}}), "form"));
  CHECK(numbers({3, 0, 0, 0, 2, 0}).has_value());  // each below 2, no bytes: zeros
  CHECK(refused(numbers({3, 0, 0, 0, 0, 0}), "bits"));
  CHECK(refused(numbers({3, 0, 0, 49, 1, 0}), "bits"));
  CHECK(refused(numbers({3, 0, 0, 0, 0x81, 0x80, 4, 0}), "above"));
  CHECK(refused(numbers({0x10, 0, 0, 0, 0, 1, 0}), "fallback context is empty"));
  CHECK(refused(numbers({0, 0, 0, 0, 17, 0}), "bits"));
  CHECK(refused(numbers({0, 0, 0, 64, 0, 0}), "bits"));
  CHECK(refused(numbers({0, 5, 0, 0, 1, 0}), "parts"));
  CHECK(refused(numbers({0, 1, 10, 2, 0, 0, 1, 0}), "unknown kind"));
  CHECK(refused(numbers({0, 1, 9, 0, 0, 0, 1, 0}), "not there"));
  CHECK(refused(numbers({0, 1, 1, 1, 0, 0, 1, 0}), "fewer than two values"));
  CHECK(refused(numbers({0, 2, 1, 2, 1, 2, 0, 0, 1, 0}), "twice"));
  CHECK(refused(numbers({0, 1, 4, 1, 0, 0, 1, 0}), "not there"));
  CHECK(numbers({0, 1, 4, 0, 0, 0, 1, 0}).has_value());
  CHECK(refused(numbers({0, 1, 7, 0, 0, 0, 2, 0, 0, 1, 0}), "zero"));
  CHECK(refused(numbers({0,    3, 5, 0, 0, 0x80, 0x80, 4, 5, 0, 0, 0x80,
                         0x80, 4, 5, 0, 0, 0x80, 0x80, 4, 0, 0, 1, 0}),
                "too many values"));
  CHECK(refused(numbers({0, 0, 0, 0, 1, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9}), "before their bytes"));
}

TEST_CASE("codes: characters are bounded by their bytes") {
  const auto texts = [](std::size_t rows, std::uint64_t length, std::size_t bytes) {
    ByteWriter column;
    column.u8(static_cast<std::uint8_t>(Code::kCharacters));
    column.varint(2);
    column.raw(code(Code::kUnsigned, {'a', 'b'}));
    column.u8(static_cast<std::uint8_t>(Code::kSame));
    column.zigzag(static_cast<std::int64_t>(length));
    column.raw(Bytes{0, 0});
    column.sized(Bytes(bytes, 0));
    return read_block(insert_block(rows, joined({to_bytes(column.view()), kNumber})));
  };
  CHECK(texts(4, 1'024, 0).has_value());
  CHECK(refused(texts(5, 1'024, 0), "too many characters"));
  CHECK(refused(texts(65'536, 65'536, 4), "too many characters"));
}

TEST_CASE("codes: a column order names each column once") {
  const auto ordered = [](std::initializer_list<std::uint8_t> order) {
    ByteWriter block;
    block.raw(Bytes{0, 0, 4, 0});  // one insert
    block.raw(Bytes(order));
    block.raw(kNumber);
    block.raw(kText);
    return read_block(block.view());
  };
  CHECK(ordered({1, 1, 0}).has_value());
  CHECK(refused(ordered({4}), "order"));
  CHECK(refused(ordered({1, 1, 1}), "twice"));
  CHECK(refused(ordered({1, 2, 0}), "above"));
}

TEST_CASE("codes: a list of rows goes forward, in a form that is known") {
  const auto updates = [](std::initializer_list<Bytes> list) {
    ByteWriter block;
    block.raw(Bytes{0});
    block.raw(joined(list));
    block.raw(Bytes{0});
    return read_block(block.view());
  };
  CHECK(refused(updates({Bytes{1 << 2 | 3, 0}}), "not there"));  // updates have no freed rows
  CHECK(refused(updates({Bytes{2 << 2 | 2}, code(Code::kSame, {1})}), "not ascending"));
  CHECK(refused(updates({Bytes{2 << 2 | 2}, code(Code::kAllNull, {})}), "not ascending"));
  CHECK(refused(updates({Bytes{2 << 2 | 2}, kNumber}), "not held"));
}

TEST_CASE("codes: new rows take up numbers that were freed") {
  Rows rows;
  for (Rid rid = 0; rid < 5; ++rid) rows[rid] = {{.kind = CellView::Kind::kText, .text = "x"}};
  const auto inserted = [&](std::initializer_list<Bytes> list) {
    ByteWriter block;
    block.raw(Bytes{2 << 2, 1, 1, 0});  // deletes 1 and 3, updates nothing
    block.raw(joined(list));
    block.u8(0);
    block.raw(kText);
    MemoryTable table(rows, 1);
    RowLists lists;
    const Status done = read_over(table, block.view(), lists);
    if (done.has_error()) return done.error().message;
    std::string rids;
    for (const Rid rid : lists.inserts) rids += std::to_string(rid) + " ";
    return rids;
  };
  CHECK(inserted({Bytes{3 << 2 | 3, 2, 1 << 2, 6}}) == "1 3 6 ");
  CHECK(inserted({Bytes{2 << 2 | 3, 1, 1 << 2, 6}}) == "1 6 ");
  CHECK(inserted({Bytes{2 << 2 | 3, 2, 0}}) == "1 3 ");
  CHECK(inserted({Bytes{3 << 2 | 3, 3, 0}}).find("above") != std::string::npos);
  CHECK(inserted({Bytes{3 << 2 | 3, 2, 1 << 2, 3}}).find("declared") != std::string::npos);
  CHECK(inserted({Bytes{3 << 2 | 3, 1, 1 << 2, 6}}).find("declared") != std::string::npos);
  CHECK(inserted({Bytes{3 << 2 | 3, 2, 1 << 2 | 3, 0}}).find("not there") != std::string::npos);
}

TEST_CASE("codes: new rows with references") {
  const auto with_references = [](std::initializer_list<Bytes> parts) {
    ByteWriter block;
    block.raw(Bytes{0, 0, 1 << 2, 0});  // one insert
    block.u8(2);                        // columns in their order, with references
    block.raw(joined(parts));
    return read_block(block.view());
  };
  const Bytes none = code(Code::kAllNull, {});
  CHECK(
      with_references({none, Bytes{3}, Bytes{3}}).has_value());  // all equal to the reference: null
  CHECK(with_references({none, Bytes{1}, kText, Bytes{3}}).has_value());
  CHECK(refused(with_references({none, Bytes{4}}), "choice of cells"));
  CHECK(refused(with_references({none, Bytes{0, 0}}), "changes nothing"));
  CHECK(refused(with_references({none, Bytes{2, 0}, kNumber}), "changes nothing"));
  CHECK(refused(with_references({none, Bytes{2, 0}, code(Code::kSame, {2})}), "marks"));
  CHECK(refused(with_references({code(Code::kSame, {1})}), "not a row"));
  CHECK(refused(with_references({kNumber}), "not held"));
}

TEST_CASE("codes: dictionaries come from old cells, and are empty without them") {
  const auto alone = [](std::initializer_list<Bytes> parts) {
    return read_block(insert_block(3, joined({joined(parts), kNumber})));
  };
  CHECK(refused(alone({code(Code::kKnownChoice, {0}), kNumber}), "choice"));
  CHECK(refused(alone({code(Code::kKnownChoice, {8}), kText, kNumber}), "above"));
  CHECK(refused(alone({code(Code::kKnownChoice, {2}), kText, code(Code::kSame, {2})}), "choice"));
  CHECK(alone({code(Code::kKnownChoice, {2}), kText, kNumber}).has_value());
  CHECK(alone({code(Code::kKnownChoice, {3}), kText, kNumber}).has_value());
  CHECK(refused(alone({code(Code::kKnownCharacters, {0})}), "alphabet"));
  CHECK(refused(alone({code(Code::kKnownCharacters, {1}), code(Code::kSame, {1})}), "Unicode"));

  Rows rows;
  for (Rid rid = 0; rid < 4; ++rid) {
    rows[rid] = {{.kind = CellView::Kind::kText, .text = rid == 3 ? "rare" : "common"}};
  }
  const auto updated = [&](std::initializer_list<Bytes> parts) {
    ByteWriter block;
    block.raw(Bytes{0, 4 << 2 | 1, 0, 3, 0});  // four updates, one run
    block.raw(Bytes{1, 1});                    // one column, all cells
    block.raw(joined(parts));
    MemoryTable table(rows, 1);
    RowLists lists;
    const Status done = read_over(table, block.view(), lists);
    table.commit();
    return done.has_error() ? done.error().message : table.rows().at(0)[0].text;
  };
  CHECK(updated({code(Code::kKnownChoice, {0}), code(Code::kSame, {0})}) == "common");
  CHECK(updated({code(Code::kKnownChoice, {1}), code(Code::kSame, {2})}) == "rare");
  CHECK(updated({code(Code::kKnownChoice, {2}), kText, code(Code::kSame, {4})}) == "x");
  CHECK(updated({code(Code::kKnownChoice, {0}), code(Code::kSame, {4})}).find("choice") !=
        std::string::npos);
}

TEST_CASE("codes: a boolean is 0 or 1") {
  const ColumnSpec boolean{.name = "b", .type = ColumnType::kBoolean};
  const Bytes two = code(Code::kSame, {4});
  ByteReader in(two, "test");
  CellColumn out;
  CHECK(ColumnDecoder(in).decode(boolean, {.count = 1}, out).has_error());
}

}  // namespace rootlet::test
