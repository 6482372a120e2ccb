// A batch that was delayed by another says what was newer then: versions only grow, unless the
// office began anew.
#include "platform/intake/held/held_streams.hpp"

#include "storage/row_values.hpp"

namespace rootlet::platform::intake {

Status save_held(Store& records, const std::string& office, const std::vector<HeldVersion>& held,
                 UnixTime at) {
  if (held.empty()) return ok();
  ROOTLET_TRY(Statement count, records.prepare("SELECT count(*) FROM held_streams WHERE office=?"));
  ROOTLET_TRY(const std::int64_t known, count.bind_all(office).number());
  if (known + static_cast<std::int64_t>(held.size()) > kStreamsOfOffice) return ok();
  ROOTLET_TRY(Statement save, records.prepare(upsert("held_streams", "office, stream",
                                                     "version, held_rows, digest, at")));
  ROOTLET_TRY(Statement remove,
              records.prepare("DELETE FROM held_streams WHERE office=? AND stream=?"));
  for (const HeldVersion& one : held) {
    if (one.version == 0) {
      ROOTLET_TRY(remove.bind_all(office, one.stream.text()).run());
      continue;
    }
    ROOTLET_TRY(
        save.bind_all(office, one.stream.text(), one.version, one.rows, one.digest, unix_s(at))
            .run());
  }
  return ok();
}

Result<std::vector<HeldReport>> load_held(Store& records, std::string_view office) {
  ROOTLET_TRY(Statement query,
              records.prepare("SELECT stream, version, held_rows, digest, at FROM held_streams "
                              "WHERE office=? ORDER BY stream"));
  query.bind_all(office);
  std::vector<HeldReport> reports;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return reports;
    ROOTLET_TRY(StreamName stream, StreamName::parse(query.text(0)));
    reports.push_back({.held = {.stream = std::move(stream),
                                .version = count_at(query, 1),
                                .rows = count_at(query, 2),
                                .digest = text_at(query, 3)},
                       .at = time_at(query, 4)});
  }
}

Result<std::vector<std::string>> offices_with_held(Store& records) {
  ROOTLET_TRY(Statement query,
              records.prepare("SELECT DISTINCT office FROM held_streams ORDER BY office"));
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

}  // namespace rootlet::platform::intake
