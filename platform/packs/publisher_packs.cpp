// Splits rows into graded sections, and decodes every new pack to check it. Formats:
// docs/FORMATS.md, "Pack" and "Digest".
#include "platform/packs/publisher_packs.hpp"

#include <algorithm>
#include <numeric>

#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {
namespace {

void prepare(RowBlock& block, const SectionSchema& schema) {
  block.columns.resize(schema.columns.size());
}

// Adds each changed row's cells to the changes of all sections.
class Spreader {
 public:
  Spreader(const SectionLayout& layout, const SectionKeys& keys) : layout_(layout) {
    for (std::size_t s = 0; s < layout.sections().size(); ++s) {
      SectionChanges change{.schema = layout.sections()[s],
                            .deletes = {},
                            .updated_old = {},
                            .updated_new = {},
                            .inserts = {},
                            .before = keys.before[s],
                            .after = keys.before[s]};
      for (RowBlock* block : {&change.updated_old, &change.updated_new, &change.inserts}) {
        prepare(*block, change.schema);
      }
      digest_keys_.push_back(digest_key(keys.content[s]));
      content_.deleted.emplace_back();
      prepare(content_.deleted.back(), change.schema);
      content_.sections.push_back(std::move(change));
    }
  }

  Status remove(const RowChange& row) {
    ROOTLET_TRY(read_image(row.old_image, layout_.column_count(), old_));
    content_.sections[0].deletes.push_back(row.rid);
    for (std::size_t s = 0; s < content_.deleted.size(); ++s) {
      layout_.push_row(s, row.rid, old_, content_.deleted[s]);
    }
    return ok();
  }

  Status update(const RowChange& row) {
    ROOTLET_TRY(read_image(row.old_image, layout_.column_count(), old_));
    ROOTLET_TRY(read_image(row.new_image, layout_.column_count(), new_));
    for (std::size_t s = 0; s < content_.sections.size(); ++s) {
      if (!layout_.differs(s, old_, new_)) continue;
      layout_.push_row(s, row.rid, old_, content_.sections[s].updated_old);
      layout_.push_row(s, row.rid, new_, content_.sections[s].updated_new);
    }
    return ok();
  }

  Status insert(const RowChange& row) {
    ROOTLET_TRY(read_image(row.new_image, layout_.column_count(), new_));
    for (std::size_t s = 0; s < content_.sections.size(); ++s) {
      layout_.push_row(s, row.rid, new_, content_.sections[s].inserts);
    }
    return ok();
  }

  PackContent finish() {
    for (std::size_t s = 0; s < content_.sections.size(); ++s) {
      SectionChanges& change = content_.sections[s];
      change.after.remove(digest_keys_[s], content_.deleted[s]);
      change.after.remove(digest_keys_[s], change.updated_old);
      change.after.add(digest_keys_[s], change.updated_new);
      change.after.add(digest_keys_[s], change.inserts);
    }
    return std::move(content_);
  }

 private:
  const SectionLayout& layout_;
  std::vector<SymmetricKey> digest_keys_;
  PackContent content_;
  std::vector<CellView> old_, new_;
};

Error wrong_pack(const PackHeader& header, std::string_view detail) {
  return fail(ErrorCode::kInternal, "pack " + header.stream.text() + " " +
                                        std::to_string(header.from) + "-" +
                                        std::to_string(header.to) + ": " + std::string(detail));
}

// Computes the digest after a pack, as an office does.
class DigestSink final : public ChangeSink {
 public:
  DigestSink(const SymmetricKey& content_key, const SectionDigest& before)
      : key_(digest_key(content_key)), digest_(before) {}
  Status remove(RowBlock old_rows) override {
    digest_.remove(key_, old_rows);
    return ok();
  }
  Status update(RowBlock old_rows, RowBlock new_rows) override {
    digest_.remove(key_, old_rows);
    digest_.add(key_, new_rows);
    return ok();
  }
  Status insert(RowBlock rows) override {
    digest_.add(key_, rows);
    return ok();
  }
  const SectionDigest& digest() const { return digest_; }

 private:
  SymmetricKey key_;
  SectionDigest digest_;
};

SectionSource bytes_of_section(const BuiltPack& pack, std::size_t section) {
  std::uint64_t begin = pack.header.header_bytes;
  for (std::size_t s = 0; s < section; ++s) begin += pack.header.sections[s].stored_bytes;
  const ByteView all =
      ByteView(pack.file).subspan(begin, pack.header.sections[section].stored_bytes);
  return [all, at = std::size_t{0}](std::size_t at_most) mutable -> Result<Bytes> {
    const ByteView piece = all.subspan(at, std::min(at_most, all.size() - at));
    at += piece.size();
    return to_bytes(piece);
  };
}

Status check_section(const BuiltPack& pack, std::size_t section, const SectionChanges& change,
                     const SymmetricKey& key, BaseRows& base, RowLists& lists) {
  DigestSink sink(key, change.before);
  Status read = read_pack_section(pack.header, section, change.schema, key,
                                  bytes_of_section(pack, section), base, lists, sink);
  if (read.has_error()) return wrong_pack(pack.header, read.error().message);
  const PackSection& written = pack.header.sections[section];
  const bool digests_match =
      change.before.begins_with(written.before) && change.after.begins_with(written.after);
  if (sink.digest() != change.after || !digests_match) {
    return wrong_pack(pack.header, "does not decode to the rows that were encoded");
  }
  return ok();
}

}  // namespace

SectionLayout::SectionLayout(const DatasetDefinition& definition)
    : columns_(definition.columns), sections_(definition.sections()) {
  for (const SectionSchema& section : sections_) {
    std::vector<Source> sources;
    for (const ColumnSpec& spec : section.columns) {
      const bool is_masked = spec.name.ends_with('~');
      const std::string_view name(spec.name.data(), spec.name.size() - (is_masked ? 1 : 0));
      const DatasetColumn* column = definition.column(name);
      sources.push_back({static_cast<std::size_t>(column - definition.columns.data()), is_masked});
    }
    sources_.push_back(std::move(sources));
  }
}

SectionLayout::SectionLayout(const SectionSchema& only) : sections_{only} {
  std::vector<Source> sources;
  for (const ColumnSpec& spec : only.columns) {
    sources.push_back({columns_.size(), false});
    columns_.push_back({.spec = spec});
  }
  sources_.push_back(std::move(sources));
}

void SectionLayout::push_row(std::size_t section, Rid rid, std::span<const CellView> row,
                             RowBlock& block) const {
  block.rids.push_back(rid);
  for (std::size_t i = 0; i < sources_[section].size(); ++i) {
    const Source& source = sources_[section][i];
    const CellView& cell = row[source.column];
    if (!source.masked || cell.kind == CellView::Kind::kNull) {
      block.columns[i].push(cell);
    } else {
      block.columns[i].push_text(masked(source, cell));
    }
  }
}

// A change that the mask hides is no difference, so that an office of that grade does not learn of
// it.
bool SectionLayout::differs(std::size_t section, std::span<const CellView> a,
                            std::span<const CellView> b) const {
  const auto shows_difference = [&](const Source& source) {
    const CellView& old_cell = a[source.column];
    const CellView& new_cell = b[source.column];
    if (!source.masked || old_cell.kind != new_cell.kind || old_cell == new_cell) {
      return old_cell != new_cell;
    }
    return masked(source, old_cell) != masked(source, new_cell);
  };
  return std::any_of(sources_[section].begin(), sources_[section].end(), shows_difference);
}

std::string SectionLayout::masked(const Source& source, const CellView& cell) const {
  const DatasetColumn& column = columns_[source.column];
  return mask_text(column.mask, format_cell(column.spec, cell));
}

SectionGlance::SectionGlance(const SectionLayout& layout, std::size_t section,
                             std::span<const std::size_t> columns)
    : layout_(layout), cells_(columns.size()), shown_(columns.size()), masks_(columns.size()) {
  for (const std::size_t column : columns) sources_.push_back(layout.sources_[section][column]);
  places_.resize(columns.size());
  std::iota(places_.begin(), places_.end(), std::size_t{0});
  std::sort(places_.begin(), places_.end(),
            [&](auto a, auto b) { return sources_[a].column < sources_[b].column; });
  for (const std::size_t place : places_) read_.push_back(sources_[place].column);
}

Result<std::span<const CellView>> SectionGlance::at(std::string_view image) {
  ROOTLET_TRY(read_image_columns(image, read_, cells_));
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::size_t place = places_[i];
    shown_[place] = cells_[i];
    if (!sources_[place].masked || cells_[i].kind == CellView::Kind::kNull) continue;
    masks_[place] = layout_.masked(sources_[place], cells_[i]);
    shown_[place] = {.kind = CellView::Kind::kText, .text = masks_[place]};
  }
  return std::span<const CellView>(shown_);
}

Result<PackContent> pack_content(const SectionLayout& layout, const SectionKeys& keys,
                                 const Difference& difference) {
  Spreader spreader(layout, keys);
  for (const RowChange& row : difference.deletes) {
    ROOTLET_TRY(spreader.remove(row));
  }
  for (const RowChange& row : difference.updates) {
    ROOTLET_TRY(spreader.update(row));
  }
  for (const RowChange& row : difference.inserts) {
    ROOTLET_TRY(spreader.insert(row));
  }
  return spreader.finish();
}

Result<BuiltPack> build_checked_pack(const PackSpec& spec, std::span<const SectionChanges> sections,
                                     std::span<const SymmetricKey> content_keys,
                                     const SigningKey& publisher,
                                     std::span<BaseTable* const> bases) {
  ROOTLET_TRY(BuiltPack pack, build_pack(spec, sections, content_keys, publisher, bases));
  const PublicKey publishers[] = {publisher.public_key};
  Result<PackHeader> header = verify_pack_header(pack.file, publishers);
  if (header.has_error()) return wrong_pack(pack.header, header.error().message);
  if (header.value().id != pack.header.id || header.value().file_bytes() != pack.file.size()) {
    return wrong_pack(pack.header, "the file does not match its header");
  }
  RowLists lists;
  for (std::size_t s = 0; s < sections.size(); ++s) {
    EmptyBase nothing(sections[s].schema);
    BaseRows& base = bases.empty() ? static_cast<BaseRows&>(nothing) : *bases[s];
    ROOTLET_TRY(check_section(pack, s, sections[s], content_keys[s], base, lists));
  }
  return pack;
}

}  // namespace rootlet::platform
