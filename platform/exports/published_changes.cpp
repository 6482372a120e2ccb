// What would take the rows back to a version, read the other way round.
#include "platform/exports/published_changes.hpp"

#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {

Status PublishedChanges::visit_all(const ChangeVisitor& visit) {
  ROOTLET_TRY(const auto heads, state_.heads());
  for (const auto& [partition, head] : heads) {
    ROOTLET_TRY(const HeldRows rows, state_.rows_by_key(head));
    HeldRow row;
    while (true) {
      ROOTLET_TRY(const bool more, rows(row));
      if (!more) break;
      ROOTLET_TRY(show(ExportedChange::kInsert, row.image, visit));
    }
  }
  return ok();
}

Status PublishedChanges::visit_since(Version since, const ChangeVisitor& visit) {
  ROOTLET_TRY(const StreamVersions then, state_.publish_log().streams_at(since));
  ROOTLET_TRY(const auto heads, state_.heads());
  // Twice, so that no more than one stream's changes are in memory.
  for (const bool are_deletions : {true, false}) {
    for (const auto& [partition, head] : heads) {
      const auto found = then.find(head.number);
      const Version before = found == then.end() ? 0 : found->second;
      if (before == head.version) continue;
      ROOTLET_TRY(const Difference back, state_.reversal(head, before, dataset_));
      if (are_deletions) {
        for (const RowChange& row : back.inserts) {
          ROOTLET_TRY(show(ExportedChange::kDelete, row.new_image, visit));
        }
        continue;
      }
      for (const RowChange& row : back.updates) {
        ROOTLET_TRY(show(ExportedChange::kUpdate, row.old_image, visit));
      }
      for (const RowChange& row : back.deletes) {
        ROOTLET_TRY(show(ExportedChange::kInsert, row.old_image, visit));
      }
    }
  }
  return ok();
}

Status PublishedChanges::show(ExportedChange change, std::string_view image,
                              const ChangeVisitor& visit) {
  ROOTLET_TRY(read_image(image, dataset_.columns.size(), cells_));
  texts_.resize(cells_.size());
  std::vector<std::string_view> views;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    texts_[c] = format_cell(dataset_.columns[c].spec, cells_[c]);
    views.push_back(texts_[c]);
  }
  return visit(change, views);
}

}  // namespace rootlet::platform
