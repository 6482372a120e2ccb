// The published rows of a dataset as changes: all of them, or the net changes since a version that
// can still be restored. Deletions come first, so that a row that moved to another partition is
// there at the end.
#pragma once

#include <functional>

#include "platform/publish/publisher_state.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

enum class ExportedChange { kInsert, kUpdate, kDelete };

// The cells of a row in the order of the dataset's columns; of a deletion those of the key count.
using ChangeVisitor =
    std::function<Status(ExportedChange change, std::span<const std::string_view> cells)>;

class PublishedChanges {
 public:
  // Both must outlive this.
  PublishedChanges(PublisherState& state, const DatasetDefinition& dataset)
      : state_(state), dataset_(dataset) {}

  Status visit_all(const ChangeVisitor& visit);
  // `since` must be one of the versions that PublishLog::versions() names.
  Status visit_since(Version since, const ChangeVisitor& visit);

 private:
  Status show(ExportedChange change, std::string_view image, const ChangeVisitor& visit);

  PublisherState& state_;
  const DatasetDefinition& dataset_;
  std::vector<CellView> cells_;
  std::vector<std::string> texts_;
};

}  // namespace rootlet::platform
