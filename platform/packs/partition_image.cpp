// Merges present and past rows by row number, without copying them.
#include "platform/packs/partition_image.hpp"

#include <algorithm>

#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {

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

Status PartitionImage::walk(const std::function<Status(Rid, std::string_view)>& visit) const {
  // Rows are in memory in the source's order, not by number, so prefetch each.
  constexpr std::size_t kAhead = 8, kLine = 64, kLines = 3;
  auto past = past_.begin();
  for (Rid rid = 0; rid < bound_; ++rid) {
    if (rid + kAhead < rows_.size()) {
      const char* image = rows_[rid + kAhead].data();
      for (std::size_t line = 0; line < kLines; ++line) __builtin_prefetch(image + line * kLine);
    }
    std::string_view image = rid < rows_.size() ? rows_[rid] : std::string_view();
    if (past != past_.end() && past->rid == rid) image = (past++)->image;
    if (image.empty()) continue;
    ROOTLET_TRY(visit(rid, image));
  }
  return ok();
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

Status SectionTable::walk(std::span<const std::size_t> columns, const Visit& visit) {
  SectionGlance glance(layout_, section_, columns);
  return image_.walk([&](Rid rid, std::string_view image) -> Status {
    ROOTLET_TRY(const std::span<const CellView> cells, glance.at(image));
    visit(rid, cells);
    return ok();
  });
}

ImageTables::ImageTables(const SectionLayout& layout, const PartitionImage& image) {
  for (std::size_t section = 0; section < layout.sections().size(); ++section) {
    pointers_.push_back(&tables_.emplace_back(layout, section, image));
  }
}

}  // namespace rootlet::platform
