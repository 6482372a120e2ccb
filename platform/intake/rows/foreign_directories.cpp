// The table of foreign directories.
#include "platform/intake/rows/foreign_directories.hpp"

#include "core/log.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform::intake {
namespace {

constexpr std::int64_t kMostKept = 1'000;  // more say nothing new

Status compare_directory(Store& records, FormDirectory& published, const std::string& office,
                         const SeenDirectory& seen, UnixTime at) {
  ROOTLET_TRY(const bool is_ours, published.has_published(seen));
  if (is_ours) return ok();
  ROOTLET_TRY(const std::int64_t kept, records.integer("SELECT count(*) FROM foreign_directories"));
  if (kept >= kMostKept) return ok();
  ROOTLET_TRY(Statement save,
              records.prepare("INSERT INTO foreign_directories VALUES(?,?,?,?) ON CONFLICT DO "
                              "NOTHING RETURNING 1"));
  ROOTLET_TRY(const bool is_new,
              save.bind_all(seen.version, ByteView(seen.hash), office, unix_s(at)).any());
  if (is_new) {
    log_error("office " + office + " was shown a directory " + std::to_string(seen.version) +
              " that this realm did not publish: see `rootlet-platform verify`");
  }
  return ok();
}

}  // namespace

Status compare_directories(Store& records, FormDirectory& published, const std::string& office,
                           const std::vector<SeenDirectory>& seen, UnixTime at) {
  for (const SeenDirectory& one : seen) {
    ROOTLET_TRY(compare_directory(records, published, office, one, at));
  }
  return ok();
}

Result<std::vector<ForeignDirectory>> load_foreign_directories(Store& records) {
  ROOTLET_TRY(Statement query, records.prepare("SELECT version, hash, office, at FROM "
                                               "foreign_directories ORDER BY version DESC, hash"));
  return read_all(query, [](const Statement& row) {
    return ForeignDirectory{.seen = {.version = row.integer(0), .hash = hash_at(row, 1)},
                            .office = text_at(row, 2),
                            .at = time_at(row, 3)};
  });
}

}  // namespace rootlet::platform::intake
