// Reads a section: open, decompress, decode, never more than one block ahead.
#include "sync/pack/body/body.hpp"
#include "sync/pack/compress.hpp"
#include "sync/pack/modelled/modelled_body.hpp"

namespace rootlet {
namespace {

Status read_body(Decompressor& body, const PackSection& entry, const SectionSchema& schema,
                 bool first_section, BaseRows& base, RowLists& lists, ChangeSink& sink) {
  ROOTLET_TRY(const Compression method, body.start());
  if (method == Compression::kModelled) {
    return decode_modelled([&] { return body.take(); }, schema, first_section, entry.raw_bytes,
                           base, lists, sink);
  }
  return decode_body([&](Bytes& buffer) { return body.read(buffer); }, schema, first_section, base,
                     lists, sink);
}

}  // namespace

Status read_pack_section(const PackHeader& header, std::size_t section, const SectionSchema& schema,
                         const SymmetricKey& content_key, const SectionSource& source,
                         BaseRows& base, RowLists& lists, ChangeSink& sink) {
  const std::string where = "pack " + header.stream.text() + "#" + std::to_string(header.to) +
                            ": section " + std::to_string(section);
  if (section >= header.sections.size()) return fail(ErrorCode::kUntrusted, where + " is missing");
  const PackSection& entry = header.sections[section];
  if (schema.grade != entry.grade) {
    return fail(ErrorCode::kUntrusted, where + ": is of another grade than its columns");
  }
  Decompressor body(SectionOpener(entry, section_identity(header, section), content_key, source),
                    entry.raw_bytes);
  Status done = read_body(body, entry, schema, section == 0, base, lists, sink);
  if (done.has_error()) return within(where, std::move(done).error());
  return ok();
}

}  // namespace rootlet
