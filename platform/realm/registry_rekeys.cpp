// The registry's table of divisions whose streams wait for keys of a new epoch.
#include <algorithm>
#include <set>

#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {

// Always a new epoch: grants carry the newest keys before any stream is under them.
Status Registry::queue_rekeys(const std::string& dataset,
                              const std::vector<std::string>& divisions) {
  ROOTLET_TRY(const std::vector<ContentKey> keys, content_keys(dataset));
  if (keys.empty() || divisions.empty()) return ok();  // nothing was ever published
  std::uint32_t epoch = 1;
  std::set<Grade> grades;
  for (const ContentKey& key : keys) {
    epoch = std::max(epoch, key.epoch + 1);
    grades.insert(key.grade);
  }
  for (const Grade grade : grades) {
    ROOTLET_TRY(save_content_key({.stream = {dataset, "all"},
                                  .grade = grade,
                                  .epoch = epoch,
                                  .key = SymmetricKey::random()}));
  }
  for (const std::string& division : divisions) {
    ROOTLET_TRY(touch_keys({dataset, division}));
    ROOTLET_TRY(Statement save, database_.prepare(upsert("rekeys", "dataset, division", "epoch")));
    ROOTLET_TRY(save.bind_all(dataset, division, epoch).run());
  }
  return ok();
}

Result<std::vector<Registry::Rekey>> Registry::rekeys_of(std::string_view dataset) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT division, epoch FROM rekeys WHERE "
                                                 "dataset=? ORDER BY division"));
  query.bind_all(dataset);
  return read_all(query, [](const Statement& row) {
    return Rekey{.division = text_at(row, 0), .epoch = static_cast<std::uint32_t>(row.integer(1))};
  });
}

Result<std::vector<std::string>> Registry::datasets_to_rekey() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT DISTINCT dataset FROM rekeys ORDER BY dataset"));
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

Status Registry::forget_finished_rekeys(std::string_view dataset) {
  ROOTLET_TRY(const std::vector<Rekey> waiting, rekeys_of(dataset));
  for (const Rekey& one : waiting) {
    const PartitionRange range = range_of(one.division);
    ROOTLET_TRY(Statement older,
                database_.prepare("SELECT 1 FROM streams WHERE dataset=? AND partition>=? AND "
                                  "partition<? AND epoch<? LIMIT 1"));
    ROOTLET_TRY(const bool waits,
                older.bind_all(dataset, range.begin, range.end, one.epoch).step());
    if (waits) continue;
    ROOTLET_TRY(Statement remove,
                database_.prepare("DELETE FROM rekeys WHERE dataset=? AND division=?"));
    ROOTLET_TRY(remove.bind_all(dataset, one.division).run());
  }
  return ok();
}

}  // namespace rootlet::platform
