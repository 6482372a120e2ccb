// The rules of docs/adr/0007-the-delta-chain.md, "What it takes", on two tables.
#include "platform/change/stream_history.hpp"

#include <algorithm>

#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

// Above every version of a stream; the largest integer of SQLite.
constexpr Version kEndOfTime = INT64_MAX;

// A set of row numbers, as bits because they are dense.
class SeenRids {
 public:
  bool first_time(Rid rid) {
    if (rid >= seen_.size()) seen_.resize(rid + 1);
    const bool first = !seen_[rid];
    seen_[rid] = true;
    return first;
  }

 private:
  std::vector<bool> seen_;
};

}  // namespace

Status StreamHistory::keep(const PastVersion& past, const Difference& change) {
  ROOTLET_TRY(Statement version, database_.prepare(upsert("past_versions", "stream, version, grade",
                                                          "epoch, images, digest")));
  const std::vector<PastRow> rows = rows_before(change);
  for (const auto& [grade, digest] : past.digests) {
    version.bind_all(stream_, past.version, grade, past.epoch, rows.size(), ByteView(digest));
    ROOTLET_TRY(version.run());
  }
  ROOTLET_TRY(Statement row, database_.prepare("INSERT INTO past_rows VALUES(?,?,?,?)"));
  for (const PastRow& old : rows) {
    row.bind_all(stream_, past.version + 1, old.rid, nullptr);
    if (!old.image.empty()) row.bind(4, as_bytes(old.image));
    ROOTLET_TRY(row.run());
  }
  return ok();
}

Result<std::vector<PastVersion>> StreamHistory::versions() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT version, epoch, images, grade, digest FROM past_versions "
                                "WHERE stream=? ORDER BY version"));
  query.bind_all(stream_);
  std::vector<PastVersion> versions;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return versions;
    const Version version = count_at(query, 0);
    if (versions.empty() || versions.back().version != version) {
      versions.push_back({.version = version,
                          .epoch = static_cast<std::uint32_t>(query.integer(1)),
                          .digests = {},
                          .images = count_at(query, 2)});
    }
    versions.back().digests[static_cast<Grade>(query.integer(3))] = hash_at(query, 4);
  }
}

// The oldest image saved after `version` is the row's image at `version`.
Result<PastRows> StreamHistory::rows_at(Version version) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT rid, image FROM past_rows WHERE stream=? "
                                                 "AND version>? ORDER BY version, rid"));
  query.bind_all(stream_, version);
  PastRows past;
  SeenRids seen;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) break;
    const Rid rid = count_at(query, 0);
    if (!seen.first_time(rid)) continue;
    const std::string_view image =
        query.is_null(1) ? std::string_view() : past.kept.emplace_back(as_text(query.blob(1)));
    past.rows.push_back({rid, image});
  }
  std::sort(past.rows.begin(), past.rows.end(),
            [](const PastRow& a, const PastRow& b) { return a.rid < b.rid; });
  return past;
}

Status StreamHistory::tidy(std::span<const Version> base_versions, std::uint64_t rows,
                           std::span<const Version> restorable) {
  const auto is_among = [](std::span<const Version> versions, Version version) {
    return std::binary_search(versions.begin(), versions.end(), version);
  };
  ROOTLET_TRY(const std::vector<PastVersion> remembered, versions());
  std::vector<PastVersion> kept, dropped;
  bool is_open = false;  // versions were dropped after the last that is kept
  const auto close = [&](Version up_to) -> Status {
    if (!is_open || kept.empty()) return ok();
    ROOTLET_TRY(kept.back().images, merge(kept.back().version, up_to));
    is_open = false;
    return ok();
  };
  for (const PastVersion& past : remembered) {
    if (is_among(base_versions, past.version) || is_among(restorable, past.version)) {
      ROOTLET_TRY(close(past.version));
      kept.push_back(past);
    } else {
      dropped.push_back(past);
      is_open = true;
    }
  }
  ROOTLET_TRY(close(kEndOfTime));
  // Keep the newest images that fit.
  const Version oldest_restorable = restorable.empty() ? kEndOfTime : restorable.front();
  const std::uint64_t room = std::max(kPastImagesAtLeast, kPastImagesPerRow * rows);
  std::size_t first = kept.size();
  for (std::uint64_t images = 0; first > 0; --first) {
    images += kept[first - 1].images;
    if (images > room && kept[first - 1].version < oldest_restorable) break;
  }
  dropped.insert(dropped.end(), kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(first));
  ROOTLET_TRY(forget(dropped));
  ROOTLET_TRY(Statement rest,
              database_.prepare("DELETE FROM past_rows WHERE stream=? AND version<=?"));
  const Version oldest = first < kept.size() ? kept[first].version : kEndOfTime;
  return rest.bind_all(stream_, oldest).run();
}

Status StreamHistory::forget(std::span<const PastVersion> versions) {
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM past_versions WHERE stream=? AND version=?"));
  for (const PastVersion& past : versions) {
    ROOTLET_TRY(remove.bind_all(stream_, past.version).run());
  }
  return ok();
}

// Keeps only the oldest image of each row that changed after one base version up to the next.
// Returns how many images are left.
Result<std::uint64_t> StreamHistory::merge(Version after, Version up_to) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT version, rid FROM past_rows WHERE "
                                                 "stream=? AND version>? AND version<=? "
                                                 "ORDER BY version, rid"));
  query.bind_all(stream_, after, up_to);
  std::vector<std::pair<Version, Rid>> later;
  SeenRids seen;
  std::uint64_t images = 0;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) break;
    const Rid rid = count_at(query, 1);
    if (seen.first_time(rid)) {
      ++images;
    } else {
      later.emplace_back(count_at(query, 0), rid);
    }
  }
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM past_rows WHERE stream=? AND "
                                                  "version=? AND rid=?"));
  for (const auto& [version, rid] : later) {
    ROOTLET_TRY(remove.bind_all(stream_, version, rid).run());
  }
  ROOTLET_TRY(Statement count, database_.prepare("UPDATE past_versions SET images=? WHERE stream=? "
                                                 "AND version=?"));
  ROOTLET_TRY(count.bind_all(images, stream_, after).run());
  return images;
}

}  // namespace rootlet::platform
