// A pack: the encrypted, signed file that takes a stream from version a to version b
// (docs/FORMATS.md, "Pack"). Checks on reading, in order: length, hash, signature, open,
// decompress, decode. Nothing reaches a sink before it is authenticated. One thread per pack.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "core/crypto.hpp"
#include "sync/pack/table/change.hpp"

namespace rootlet {

struct PackSection {
  Grade grade = 1;
  std::uint64_t stored_bytes = 0;  // as in the file
  std::uint64_t raw_bytes = 0;     // after decompression
  // Truncated: the BLAKE2b-256 of the stored bytes, the digest at `from` (all zeros if `from` is
  // 0), which shows early that the pack meets other rows, and the digest at `to`.
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

struct LearnedPlans;

struct PackSpec {
  StreamName stream;
  Version from = 0, to = 0;
  std::uint32_t epoch = 1;
  // How many rows of the base may prime a model: more make smaller packs in more time.
  std::size_t priming_rows = 2'048;
  // Of another snapshot with the same sections, where the search for column codes starts; null: it
  // starts from nothing. Read only.
  const LearnedPlans* plans = nullptr;
  LearnedPlans* learned = nullptr;  // where a snapshot leaves its own; null: nowhere
};

struct BuiltPack {
  Bytes file;
  PackHeader header;
};

// `content_keys[i]` and `bases[i]` belong to `sections[i]`. Without bases (a snapshot has none) a
// delta is larger. kBadInput if the changes contradict themselves or exceed a limit; otherwise the
// errors of the bases. Deterministic except for the seal's random header.
Result<BuiltPack> build_pack(const PackSpec& spec, std::span<const SectionChanges> sections,
                             std::span<const SymmetricKey> content_keys,
                             const SigningKey& publisher, std::span<BaseTable* const> bases = {});

// The pack in the bytes `file` with a signature of `publisher` in place of the one it has, for a
// publisher whose key changed. Everything else stays, so the caller must know that the bytes are
// what was published. kUntrusted if they are no pack.
Result<BuiltPack> resign_pack(ByteView file, const SigningKey& publisher);

// --- reading -------------------------------------------------------------------------------

// Parses the header at the start of `file_start` (at least the header, at most the whole file) and
// checks that one of `publishers` signed it; kUntrusted otherwise. This is the only way from
// unchecked bytes to a header that may be used. The caller compares stream, versions and digests
// with what the directory says.
Result<PackHeader> verify_pack_header(ByteView file_start, std::span<const PublicKey> publishers);
// The header alone, unverified: for `pack show`.
Result<PackHeader> parse_pack_header(ByteView file_start);

// The next bytes of the stored section, at most `at_most`; empty at the end.
using SectionSource = std::function<Result<Bytes>(std::size_t at_most)>;

// Checks the stored bytes' hash, opens, decompresses and decodes, and passes every block to `sink`,
// in memory bounded by one block. Section 0 fills `lists`; the others read it. Errors are
// kUntrusted, and those of source, base and sink. The hash of the stored bytes is only known at the
// end: commit nothing before this returns ok.
Status read_pack_section(const PackHeader& header, std::size_t section, const SectionSchema& schema,
                         const SymmetricKey& content_key, const SectionSource& source,
                         BaseRows& base, RowLists& lists, ChangeSink& sink);

}  // namespace rootlet
