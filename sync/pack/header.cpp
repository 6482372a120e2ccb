// Encodes, parses and verifies the header (docs/FORMATS.md, "Pack"). Its length is only known after
// parsing, so parsing comes first; nothing parsed is used before hash and signature are verified.
#include "sync/pack/header.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kMaxSections = 4;  // one per grade
constexpr std::uint64_t kRatioAllowance = 64 * limits::kKiB;

template <std::size_t kSize>
Status read_bytes(ByteReader& in, std::array<std::uint8_t, kSize>& out) {
  ROOTLET_TRY(const ByteView bytes, in.take(kSize));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return ok();
}

Result<PackSection> read_section(ByteReader& in, Version from) {
  PackSection section;
  ROOTLET_TRY(section.grade, in.u8());
  ROOTLET_TRY(section.stored_bytes, in.varint_up_to(limits::kSectionBytes));
  ROOTLET_TRY(section.raw_bytes, in.varint_up_to(limits::kRawSectionBytes));
  ROOTLET_TRY(read_bytes(in, section.hash));
  if (from > 0) {
    ROOTLET_TRY(read_bytes(in, section.before));
  }
  ROOTLET_TRY(read_bytes(in, section.after));
  return section;
}

Status read_start(ByteReader& in, PackHeader& header) {
  ROOTLET_TRY(const ByteView magic, in.take(kPackMagic.size()));
  if (as_text(magic) != kPackMagic) return in.error("is not a pack");
  ROOTLET_TRY(const std::uint8_t format, in.u8());
  if (format != kPackFormatVersion) {
    return in.error("has format version " + std::to_string(format) + ", not 1");
  }
  ROOTLET_TRY(header.suite, in.u8());
  if (header.suite != kPackSuite) {
    return in.error("needs crypto suite " + std::to_string(header.suite) +
                    ", which this program does not have");
  }
  ROOTLET_TRY(const ByteView name, in.sized(2 * limits::kNameBytes));
  Result<StreamName> stream = StreamName::parse(as_text(name));
  if (stream.has_error()) return in.error("names no stream");
  header.stream = std::move(stream).value();
  return ok();
}

// Everything before the signature.
Result<PackHeader> read_unsigned(ByteReader& in) {
  PackHeader header;
  ROOTLET_TRY(read_start(in, header));
  ROOTLET_TRY(header.from, in.varint_up_to(INT64_MAX));
  ROOTLET_TRY(header.to, in.varint_up_to(INT64_MAX));
  ROOTLET_TRY(const std::uint64_t epoch, in.varint_up_to(UINT32_MAX));
  header.epoch = static_cast<std::uint32_t>(epoch);
  ROOTLET_TRY(const std::uint64_t count, in.varint_up_to(kMaxSections));
  for (std::uint64_t i = 0; i < count; ++i) {
    ROOTLET_TRY(PackSection section, read_section(in, header.from));
    header.sections.push_back(std::move(section));
  }
  ROOTLET_TRY(check_pack_header(header, ErrorCode::kUntrusted));
  return header;
}

struct ParsedHeader {
  PackHeader header;
  ByteView signed_part;
  ByteView signature;
};

Result<ParsedHeader> parse(ByteView file_start) {
  const ByteView bounded = file_start.first(std::min(file_start.size(), limits::kPackHeaderBytes));
  ByteReader in(bounded, "pack header");
  ROOTLET_TRY(PackHeader header, read_unsigned(in));
  const ByteView signed_part = bounded.first(in.position());
  ROOTLET_TRY(const ByteView signature, in.take(Signature().size()));
  header.header_bytes = in.position();
  header.id = blake2b(bounded.first(in.position()));
  return ParsedHeader{std::move(header), signed_part, signature};
}

}  // namespace

std::uint64_t PackHeader::file_bytes() const {
  std::uint64_t bytes = header_bytes;
  for (const PackSection& section : sections) bytes += section.stored_bytes;
  return bytes;
}

bool is_within_compression_ratio(std::uint64_t stored_bytes, std::uint64_t raw_bytes) {
  return raw_bytes <= kRatioAllowance + limits::kCompressionRatio * stored_bytes;
}

Status check_pack_header(const PackHeader& header, ErrorCode code) {
  const auto wrong = [&](std::string_view detail) {
    Error error = fail(code, "pack " + header.stream.text() + ": " + std::string(detail));
    if (code == ErrorCode::kBadInput) error.field = "pack";
    return error;
  };
  if (header.to <= header.from) return wrong("does not lead to a later version");
  if (header.epoch == 0) return wrong("has no key epoch");
  if (header.sections.empty() || header.sections.size() > kMaxSections) {
    return wrong("has no section or too many");
  }
  Grade before = 0;
  for (const PackSection& section : header.sections) {
    if (section.grade <= before || section.grade > 4 || (before == 0 && section.grade != 1)) {
      return wrong("its grades are not 1 and then ascending to 4");
    }
    before = section.grade;
    if (!is_within_compression_ratio(section.stored_bytes, section.raw_bytes)) {
      return wrong("a section claims to grow more than 4096-fold");
    }
  }
  return ok();
}

Bytes encode_pack_header(const PackHeader& header) {
  ByteWriter out;
  out.raw(as_bytes(kPackMagic));
  out.u8(kPackFormatVersion);
  out.u8(header.suite);
  out.sized(as_bytes(header.stream.text()));
  out.varint(header.from);
  out.varint(header.to);
  out.varint(header.epoch);
  out.varint(header.sections.size());
  for (const PackSection& section : header.sections) {
    out.u8(section.grade);
    out.varint(section.stored_bytes);
    out.varint(section.raw_bytes);
    out.raw(section.hash);
    if (header.from > 0) out.raw(section.before);  // at version 0 it is all zeros
    out.raw(section.after);
  }
  return out.take();
}

Result<PackHeader> parse_pack_header(ByteView file_start) {
  ROOTLET_TRY(ParsedHeader parsed, parse(file_start));
  return std::move(parsed.header);
}

Result<PackHeader> verify_pack_header(ByteView file_start, std::span<const PublicKey> publishers) {
  ROOTLET_TRY(ParsedHeader parsed, parse(file_start));
  const std::string name = "pack " + parsed.header.stream.text();
  const bool is_signed =
      std::any_of(publishers.begin(), publishers.end(), [&](const PublicKey& publisher) {
        return verify(publisher, kPackDomain, parsed.signed_part, parsed.signature);
      });
  if (!is_signed) {
    return fail(ErrorCode::kUntrusted, name + ": is not signed by its publisher");
  }
  return std::move(parsed.header);
}

}  // namespace rootlet
