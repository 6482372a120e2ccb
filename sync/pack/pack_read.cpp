// Reading a section: open, decompress, decode, in that order and never more than one block ahead.
#include "sync/pack/body.hpp"
#include "sync/pack/squeeze.hpp"

namespace rootlet {

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
  Unsqueezer body(SectionOpener(entry, section_identity(header, section), content_key, source),
                  entry.raw_bytes);
  Status done = decode_body([&](Bytes& buffer) { return body.read(buffer); }, schema, section == 0,
                            base, lists, sink);
  if (done.has_error()) return within(where, std::move(done).error());
  return ok();
}

}  // namespace rootlet
