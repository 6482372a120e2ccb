// One pack: the encrypted, signed file that takes a stream from version a to version b
// (docs/FORMATS.md, "Pack"). Order of checks on reading: length, hash, signature, open, decompress,
// decode; nothing reaches a sink before it has been authenticated.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "core/crypto.hpp"
#include "sync/pack/digest.hpp"
#include "sync/pack/table.hpp"

namespace rootlet {

struct PackSection {
  Grade grade = 1;
  std::uint64_t stored_bytes = 0;  // as in the file
  std::uint64_t raw_bytes = 0;     // after decompression
  // Only the starts travel: of the BLAKE2b-256 of the stored bytes, of the digest at `from`, which
  // tells early that a pack meets other rows (all zeros if `from` is 0), and of the digest at `to`.
  std::array<std::uint8_t, 16> hash{};
  std::array<std::uint8_t, 8> before{};
  std::array<std::uint8_t, 16> after{};
};

struct PackHeader {
  std::uint8_t suite = 1;  // 1: Ed25519, XChaCha20-Poly1305 secretstream, BLAKE2b, zstd
  StreamName stream;
  Version from = 0, to = 0;
  std::uint32_t epoch = 1;  // of the content keys
  std::vector<PackSection> sections;
  std::uint64_t file_bytes() const;  // header and all sections
  std::uint64_t header_bytes = 0;    // with the signature
  Hash256 id{};                      // BLAKE2b-256 of the header with the signature
};

// --- writing -------------------------------------------------------------------------------

// What one section says. Updates carry whole rows, old and new; the encoder finds what differs.
// Sections after the first repeat neither deletes nor insert rids, but their inserts have the same
// rows in the same order as the first section's.
struct SectionChanges {
  SectionSchema schema;
  std::vector<Rid> deletes = {};  // first section only; ascending
  RowBlock updated_old = {};
  RowBlock updated_new = {};  // same rids as updated_old
  RowBlock inserts = {};
  SectionDigest before = {}, after = {};
};

struct PackSpec {
  StreamName stream;
  Version from = 0, to = 0;
  std::uint32_t epoch = 1;
  // How many rows of the base a model may learn from first: more make smaller packs in more time.
  std::size_t learned_rows = 2'048;
};

struct BuiltPack {
  Bytes file;
  PackHeader header;
};

class ModelMemo;

// Rows as they stand at version `from`, whatever a sink has been given since: for old values, for
// digests, and for what both ends can guess from rows that both hold.
class BaseRows {
 public:
  virtual ~BaseRows() = default;
  // find() will be asked for just these, a little later: whoever can may look for them meanwhile,
  // beginning, if he is to change some, with what was announced last.
  virtual void announce(std::span<const Rid> /*rids*/) {}
  // Those of the rows `rids` (ascending, distinct) that exist, with every column of the section's
  // schema, in the same order.
  virtual Result<RowBlock> find(std::span<const Rid> rids) = 0;
  // Where to keep what a model learns from these rows, if it will be wanted again.
  virtual ModelMemo* memo() { return nullptr; }
};

// The base of a snapshot: no rows.
class EmptyBase final : public BaseRows {
 public:
  explicit EmptyBase(const SectionSchema& schema) : columns_(schema.columns.size()) {}
  Result<RowBlock> find(std::span<const Rid>) override {
    RowBlock none;
    none.columns.resize(columns_);
    return none;
  }

 private:
  std::size_t columns_;
};

// The base as its publisher holds it.
class BaseTable : public BaseRows {
 public:
  virtual Rid bound() const = 0;  // above every rid in use
  // Every row in the order of rids, but only its cells in `columns` (distinct); `visit` may not
  // keep them.
  using Visit = std::function<void(Rid, std::span<const CellView>)>;
  virtual Status walk(std::span<const std::size_t> columns, const Visit& visit) = 0;
};

// `content_keys[i]` belongs to `sections[i]`, and so does `bases[i]`; without bases (a snapshot has
// none) the pack says more than it might need to. Deterministic but for the seal's random header.
Result<BuiltPack> build_pack(const PackSpec& spec, std::span<const SectionChanges> sections,
                             std::span<const SymmetricKey> content_keys,
                             const SigningKey& publisher, std::span<BaseTable* const> bases = {});

// --- reading -------------------------------------------------------------------------------

// Parses the header at the start of `file_start` (at least the header; at most the whole file),
// checks that its hash is `expected_id` and that one of `publishers` signed it. kUntrusted
// otherwise. This is the only way from unchecked bytes to a header that may be used.
Result<PackHeader> verify_pack_header(ByteView file_start, const Hash256& expected_id,
                                      std::span<const PublicKey> publishers);
// The header alone, trusted by nobody: for `pack show`.
Result<PackHeader> parse_pack_header(ByteView file_start);

// Bytes of the stored section, in order; an empty result is the end.
using SectionSource = std::function<Result<Bytes>(std::size_t at_most)>;

// Receives decoded blocks in order, to keep: deletes, then updates, then inserts of each block.
// Whatever it returns as an error ends the reading.
class ChangeSink {
 public:
  virtual ~ChangeSink() = default;
  virtual Status remove(RowBlock old_rows) = 0;
  virtual Status update(RowBlock old_rows, RowBlock new_rows) = 0;
  virtual Status insert(RowBlock rows) = 0;
};

// The rids that section 0 of the pack deleted and inserted, which the other sections need.
struct RowLists {
  std::vector<Rid> deletes;
  std::vector<Rid> inserts;
};

// Checks the stored bytes' hash, opens, decompresses, decodes and hands every block to `sink`, in
// memory bounded by one block. For section 0 `lists` is filled; for the others it is read. The hash
// of the stored bytes is only known at the end: the caller commits nothing before this returns ok.
Status read_pack_section(const PackHeader& header, std::size_t section, const SectionSchema& schema,
                         const SymmetricKey& content_key, const SectionSource& source,
                         BaseRows& base, RowLists& lists, ChangeSink& sink);

}  // namespace rootlet
