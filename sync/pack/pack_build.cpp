// Builds a pack (docs/FORMATS.md, "Pack"): encodes, compresses and seals each section, then writes
// and signs the header that names them.
#include <algorithm>
#include <bit>

#include "core/limits.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/compress.hpp"
#include "sync/pack/header.hpp"
#include "sync/pack/modelled/modelled_body.hpp"

namespace rootlet {
namespace {

Error cannot_build(const PackSpec& spec, std::string_view detail) {
  return bad_input("build pack " + spec.stream.text() + ": " + std::string(detail), "pack");
}

PackHeader header_without_sections(const PackSpec& spec) {
  PackHeader header;
  header.stream = spec.stream;
  header.from = spec.from;
  header.to = spec.to;
  header.epoch = spec.epoch;
  return header;
}

// A header that any reader will accept; the fields that depend on sealed bytes come later.
Result<PackHeader> plan_header(const PackSpec& spec, std::span<const SectionChanges> sections) {
  PackHeader header = header_without_sections(spec);
  ROOTLET_TRY(header.stream, StreamName::parse(spec.stream.text()));
  for (const SectionChanges& changes : sections) {
    if (spec.from == 0 && changes.before != SectionDigest()) {
      return cannot_build(spec, "version 0 is the empty table, but a digest before it is not 0");
    }
    header.sections.push_back({.grade = changes.schema.grade,
                               .before = start_of<8>(changes.before.value()),
                               .after = start_of<16>(changes.after.value())});
  }
  ROOTLET_TRY(check_pack_header(header, ErrorCode::kBadInput));
  return header;
}

struct PlainSection {
  Bytes bytes;  // with the method byte
  std::uint64_t raw_bytes = 0;
};

Result<PlainSection> column_coded(const SectionChanges& changes, const SectionChanges& first,
                                  CompressionKind kind, const ReferenceRows& references = {},
                                  const PlanExchange& plans = {}) {
  ROOTLET_TRY(const Bytes body, encode_body(changes, first, references, plans));
  ROOTLET_TRY(Bytes compressed, compress(body, kind));
  return PlainSection{std::move(compressed), body.size()};
}

// Below these sizes column codes have never been measured smaller than the model; for merged
// deltas, never by more than 1 %.
constexpr std::size_t kAlwaysModelled = 2 * limits::kKiB;
constexpr std::size_t kAlwaysModelledMerged = 256 * limits::kKiB;

// Every office fetches a step soon after each publish, so its time matters. An office that was
// offline waits for its link, not for its processor.
bool is_step(const PackSpec& spec) {
  return spec.to == spec.from + 1;
}

// A few changes deserve many priming rows, whose time a sync does not notice. Thousands of changes
// should not wait for them. Tens of thousands need them again, and wait only a tenth longer.
std::size_t choose_priming_rows(const PackSpec& spec, std::size_t changed) {
  constexpr std::size_t kWorkBudget = 131'072, kFewest = 64, kEnoughForMany = 1'024;
  constexpr std::size_t kMoreForMerged = 8;
  if (!is_step(spec)) return kMoreForMerged * spec.priming_rows;
  const std::size_t few = std::min(32 * changed, kWorkBudget / std::max<std::size_t>(changed, 1));
  const std::size_t many = std::min(changed / 4, kEnoughForMany);
  return std::min(std::max(std::bit_ceil(std::max(few, many)), kFewest), spec.priming_rows);
}

// Column codes are applied as fast as rows are written; a model takes time for every row.
bool saves_enough(const PackSpec& spec, std::size_t modelled_bytes, std::size_t column_bytes) {
  return is_step(spec) ? modelled_bytes * 10 < column_bytes * 9 : modelled_bytes < column_bytes;
}

Result<PlainSection> modelled(const PackSpec& spec, const SectionChanges& changes,
                              const SectionChanges& first, BaseTable& base,
                              ReferenceRows& references) {
  const std::size_t changed =
      first.deletes.size() + changes.updated_new.rids.size() + first.inserts.rids.size();
  ROOTLET_TRY(ModelledBody body,
              encode_modelled(changes, first, base, choose_priming_rows(spec, changed)));
  references = {.rids = std::move(body.references), .base = &base};
  PlainSection plain{{static_cast<std::uint8_t>(Compression::kModelled)}, body.raw_bytes};
  plain.bytes.insert(plain.bytes.end(), body.bytes.begin(), body.bytes.end());
  return plain;
}

// The plans of the section that `changes` will become.
PlanExchange plans_of(const PackSpec& spec, std::size_t section) {
  PlanExchange plans;
  if (spec.plans != nullptr && section < spec.plans->sections.size()) {
    plans.start = &spec.plans->sections[section];
  }
  if (spec.learned != nullptr) plans.learned = &spec.learned->sections.emplace_back();
  return plans;
}

// The coding that brings an office up to date soonest, among those that a reader accepts. `base`
// may be null.
Result<PlainSection> best_coded(const PackSpec& spec, std::span<const SectionChanges> all,
                                std::size_t section, BaseTable* base) {
  const SectionChanges &changes = all[section], &first = all[0];
  if (spec.from == 0) {
    return column_coded(changes, first, CompressionKind::kSnapshot, {}, plans_of(spec, section));
  }
  if (base == nullptr) return column_coded(changes, first, CompressionKind::kChange);
  ROOTLET_TRY(check_changes(changes, first));
  ReferenceRows references;
  ROOTLET_TRY(PlainSection model, modelled(spec, changes, first, *base, references));
  const bool readable = is_within_compression_ratio(model.bytes.size(), model.raw_bytes);
  if (readable && model.bytes.size() < (is_step(spec) ? kAlwaysModelled : kAlwaysModelledMerged)) {
    return model;
  }
  ROOTLET_TRY(PlainSection columns,
              column_coded(changes, first, CompressionKind::kChange, references));
  const bool take_model = readable && saves_enough(spec, model.bytes.size(), columns.bytes.size());
  return take_model ? std::move(model) : std::move(columns);
}

Result<Bytes> build_section(const PackSpec& spec, PackHeader& header, std::size_t section,
                            std::span<const SectionChanges> all, const SymmetricKey& content_key,
                            BaseTable* base) {
  ROOTLET_TRY(const PlainSection plain, best_coded(spec, all, section, base));
  PackSection& entry = header.sections[section];
  entry.raw_bytes = plain.raw_bytes;
  Bytes sealed = seal_section(content_key, section_identity(header, section), plain.bytes);
  entry.stored_bytes = sealed.size();
  entry.hash = start_of<16>(blake2b(sealed));
  if (entry.raw_bytes > limits::kRawSectionBytes || entry.stored_bytes > limits::kSectionBytes) {
    return bad_input("build pack " + header.stream.text() + ": a section is too large", "pack");
  }
  return sealed;
}

}  // namespace

Result<BuiltPack> build_pack(const PackSpec& spec, std::span<const SectionChanges> sections,
                             std::span<const SymmetricKey> content_keys,
                             const SigningKey& publisher, std::span<BaseTable* const> bases) {
  if (sections.size() != content_keys.size()) {
    return cannot_build(spec, "there is not one key for each section");
  }
  ROOTLET_TRY(PackHeader header, plan_header(spec, sections));
  std::vector<Bytes> sealed;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    BaseTable* base = i < bases.size() ? bases[i] : nullptr;
    ROOTLET_TRY(Bytes section, build_section(spec, header, i, sections, content_keys[i], base));
    sealed.push_back(std::move(section));
  }
  ROOTLET_TRY(check_pack_header(header, ErrorCode::kBadInput));
  BuiltPack pack;
  pack.file = encode_pack_header(header);
  const Signature signature = sign(publisher, kPackDomain, pack.file);
  pack.file.insert(pack.file.end(), signature.begin(), signature.end());
  header.header_bytes = pack.file.size();
  header.id = blake2b(pack.file);
  for (const Bytes& section : sealed) {
    pack.file.insert(pack.file.end(), section.begin(), section.end());
  }
  pack.header = std::move(header);
  return pack;
}

Result<BuiltPack> resign_pack(ByteView file, const SigningKey& publisher) {
  ROOTLET_TRY(PackHeader header, parse_pack_header(file));
  const std::size_t signed_bytes = header.header_bytes - sizeof(Signature);
  BuiltPack pack;
  pack.file = to_bytes(file);
  const Signature signature = sign(publisher, kPackDomain, file.first(signed_bytes));
  std::ranges::copy(signature, pack.file.begin() + static_cast<std::ptrdiff_t>(signed_bytes));
  header.id = blake2b(ByteView(pack.file).first(header.header_bytes));
  pack.header = std::move(header);
  return pack;
}

}  // namespace rootlet
