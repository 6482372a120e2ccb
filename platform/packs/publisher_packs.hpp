// Turns changed rows into checked packs: the graded sections of each row, the digests before and
// after, and a pack that was decoded and compared before it is published.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "platform/change/difference.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// Which columns of a dataset each section of its packs contains.
class SectionLayout {
 public:
  explicit SectionLayout(const DatasetDefinition& definition);
  explicit SectionLayout(const SectionSchema& only);  // one section, no masks
  std::span<const SectionSchema> sections() const { return sections_; }
  std::size_t column_count() const { return columns_.size(); }
  // Appends the cells of `row` (one per column of the dataset) that section `section` contains,
  // with masks applied.
  void push_row(std::size_t section, Rid rid, std::span<const CellView> row, RowBlock& block) const;
  // True if rows `a` and `b` differ in this section, with masks applied.
  bool differs(std::size_t section, std::span<const CellView> a, std::span<const CellView> b) const;

 private:
  friend class SectionGlance;
  struct Source {
    std::size_t column = 0;
    bool masked = false;
  };
  std::string masked(const Source& source, const CellView& cell) const;

  std::vector<DatasetColumn> columns_;
  std::vector<SectionSchema> sections_;
  std::vector<std::vector<Source>> sources_;  // by section
};

// Reads a few columns of a section from many row images. `layout` must outlive it.
class SectionGlance {
 public:
  SectionGlance(const SectionLayout& layout, std::size_t section,
                std::span<const std::size_t> columns);
  // The cells in the order of `columns`. They view `image` and this object, until the next call.
  Result<std::span<const CellView>> at(std::string_view image);

 private:
  const SectionLayout& layout_;
  std::vector<SectionLayout::Source> sources_;  // by wanted column
  std::vector<std::size_t> read_, places_;      // the dataset's columns to read; the place of each
  std::vector<CellView> cells_, shown_;
  std::vector<std::string> masks_;
};

// The spans have one entry per section.
struct SectionKeys {
  std::span<const SymmetricKey> content;
  std::span<const SectionDigest> before;
};

// The changes that a pack encodes, and the rows that it deletes, which only its digests need.
struct PackContent {
  std::vector<SectionChanges> sections;
  std::vector<RowBlock> deleted;  // by section
};

// kStorageDamaged if an image cannot be read.
Result<PackContent> pack_content(const SectionLayout& layout, const SectionKeys& keys,
                                 const Difference& difference);

// Builds the pack, decodes it over its base and compares all digests. kInternal if they differ, so
// that no wrong pack is ever published. `bases` as for build_pack().
Result<BuiltPack> build_checked_pack(const PackSpec& spec, std::span<const SectionChanges> sections,
                                     std::span<const SymmetricKey> content_keys,
                                     const SigningKey& publisher,
                                     std::span<BaseTable* const> bases);

}  // namespace rootlet::platform
