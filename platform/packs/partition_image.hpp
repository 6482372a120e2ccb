// A view of one partition at one version, by row number: the present rows, overridden by the rows
// that differed then. Its sections are the bases of packs, which both ends hold before they apply
// a pack.
//
// Owns no rows: the maker of an image must keep them alive. One thread at a time.
#pragma once

#include <deque>

#include "platform/change/net_change.hpp"
#include "platform/packs/publisher_packs.hpp"
#include "sync/pack/modelled/model_memo.hpp"

namespace rootlet::platform {

class PartitionImage {
 public:
  // `rows` by rid, empty where there is no row; `past` ascending, overrides `rows`.
  PartitionImage(std::span<const std::string_view> rows, std::vector<PastRow> past);
  // The partition before `difference`.
  static PartitionImage before(const Difference& difference);

  std::string_view at(Rid rid) const;  // empty if there is no such row
  // Every row in the order of rids.
  Status walk(const std::function<Status(Rid, std::string_view)>& visit) const;
  Rid bound() const { return bound_; }

 private:
  std::span<const std::string_view> rows_;
  std::vector<PastRow> past_;
  Rid bound_ = 0;
};

// The columns of an image that section `section` of a pack contains, with masks applied.
class SectionTable final : public BaseTable {
 public:
  SectionTable(const SectionLayout& layout, std::size_t section, const PartitionImage& image)
      : layout_(layout), section_(section), image_(image) {}
  Result<RowBlock> find(std::span<const Rid> rids) override;
  Rid bound() const override { return image_.bound(); }
  Status walk(std::span<const std::size_t> columns, const Visit& visit) override;
  ModelMemo* memo() override { return &memo_; }

 private:
  Status read(std::string_view image, Rid rid, RowBlock& rows);

  const SectionLayout& layout_;
  std::size_t section_;
  const PartitionImage& image_;
  std::vector<CellView> cells_;
  ModelMemo memo_;  // shared by encoding and the check that decodes the pack at once
};

// One table for each section of an image.
class ImageTables {
 public:
  ImageTables(const SectionLayout& layout, const PartitionImage& image);
  std::span<BaseTable* const> tables() const { return pointers_; }

 private:
  std::deque<SectionTable> tables_;
  std::vector<BaseTable*> pointers_;
};

}  // namespace rootlet::platform
