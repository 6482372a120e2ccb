// From changed rows to packs that are known to be right: the graded sections of each row, the
// digests before and after, and a pack that was decoded again before anybody may have it.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "platform/change/difference.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// How the columns of a dataset lie in the sections of its packs.
class SectionLayout {
 public:
  explicit SectionLayout(const DatasetDefinition& definition);
  explicit SectionLayout(const SectionSchema& only);  // one section, every column as it is
  std::span<const SectionSchema> sections() const { return sections_; }
  std::size_t column_count() const { return columns_.size(); }
  // The cells of `row` (one per column of the dataset) as section `section` shows them, masks
  // applied.
  void push_row(std::size_t section, Rid rid, std::span<const CellView> row, RowBlock& block) const;
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

// Some columns of a section as row images show them, for many images. `layout` must outlive it.
class SectionGlance {
 public:
  SectionGlance(const SectionLayout& layout, std::size_t section,
                std::span<const std::size_t> columns);
  // Views into `image` and into this, until the next call.
  Result<std::span<const CellView>> at(std::string_view image);

 private:
  const SectionLayout& layout_;
  std::vector<SectionLayout::Source> sources_;  // by wanted column
  std::vector<std::size_t> read_, places_;      // columns of the dataset; where each one goes
  std::vector<CellView> cells_, shown_;
  std::vector<std::string> masks_;
};

// The spans have one entry per section.
struct SectionKeys {
  std::span<const SymmetricKey> content;
  std::span<const SectionDigest> before;
};

// What a pack is to say, and the rows that it deletes, which only its digests need.
struct PackContent {
  std::vector<SectionChanges> sections;
  std::vector<RowBlock> deleted;  // by section
};

// kStorageDamaged if an image cannot be read.
Result<PackContent> pack_content(const SectionLayout& layout, const SectionKeys& keys,
                                 const Difference& difference);

// Builds the pack, decodes it again over its base and compares every digest. kInternal if what
// comes out is not what went in: such a pack is never published. `bases` as for build_pack().
Result<BuiltPack> build_checked_pack(const PackSpec& spec, std::span<const SectionChanges> sections,
                                     std::span<const SymmetricKey> content_keys,
                                     const SigningKey& publisher,
                                     std::span<BaseTable* const> bases);

}  // namespace rootlet::platform
