#include "platform/partition_image.hpp"

#include <algorithm>

#include "platform/row_image.hpp"

namespace rootlet {

PartitionImage::PartitionImage(std::span<const std::string_view> rows, std::vector<PastRow> past)
    : rows_(rows), past_(std::move(past)), bound_(rows.size()) {
  if (!past_.empty()) bound_ = std::max(bound_, past_.back().rid + 1);
}

PartitionImage PartitionImage::before(const Difference& difference) {
  return PartitionImage(difference.rows, rows_before(difference));
}

std::string_view PartitionImage::at(Rid rid) const {
  const auto past =
      std::lower_bound(past_.begin(), past_.end(), rid,
                       [](const PastRow& row, Rid wanted) { return row.rid < wanted; });
  if (past != past_.end() && past->rid == rid) return past->image;
  return rid < rows_.size() ? rows_[rid] : std::string_view();
}

Status SectionTable::read(std::string_view image, Rid rid, RowBlock& rows) {
  ROOTLET_TRY(read_image(image, layout_.column_count(), cells_));
  layout_.push_row(section_, rid, cells_, rows);
  return ok();
}

Result<RowBlock> SectionTable::find(std::span<const Rid> rids) {
  RowBlock rows;
  rows.columns.resize(layout_.sections()[section_].columns.size());
  for (const Rid rid : rids) {
    const std::string_view image = image_.at(rid);
    if (image.empty()) continue;
    ROOTLET_TRY(read(image, rid, rows));
  }
  return rows;
}

Status SectionTable::walk(const std::function<void(Rid, std::span<const CellView>)>& visit) {
  std::vector<CellView> shown;
  std::vector<std::string> masks;
  for (Rid rid = 0; rid < image_.bound(); ++rid) {
    const std::string_view image = image_.at(rid);
    if (image.empty()) continue;
    ROOTLET_TRY(read_image(image, layout_.column_count(), cells_));
    layout_.show_row(section_, cells_, shown, masks);
    visit(rid, shown);
  }
  return ok();
}

ImageTables::ImageTables(const SectionLayout& layout, const PartitionImage& image) {
  for (std::size_t section = 0; section < layout.sections().size(); ++section) {
    pointers_.push_back(&tables_.emplace_back(layout, section, image));
  }
}

}  // namespace rootlet
