// The registry's tables of data packs and of the files that hold them. A pack's place is its file's
// number and an offset; the file's folder follows from the pack's partition (group_of()).
#include <algorithm>

#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kSettingLastFile = "last_file_number";
constexpr std::string_view kSelect =
    "SELECT dataset, partition, to_version, from_version, file, offset, file_bytes, header_bytes, "
    "id, retired, epoch FROM packs ";
constexpr std::string_view kInOrder =
    " ORDER BY dataset, partition, to_version, from_version, file";

PackEntry pack_at(const Statement& row) {
  PackEntry pack{.id = hash_at(row, 8),
                 .stream = {text_at(row, 0), text_at(row, 1)},
                 .from = count_at(row, 3),
                 .to = count_at(row, 2),
                 .file = row.integer(4),
                 .offset = count_at(row, 5),
                 .file_bytes = count_at(row, 6),
                 .header_bytes = count_at(row, 7),
                 .epoch = static_cast<std::uint32_t>(row.integer(10))};
  if (!row.is_null(9)) pack.retired = time_at(row, 9);
  return pack;
}

std::string select(std::string_view where) {
  return std::string(kSelect) + std::string(where) + std::string(kInOrder);
}

}  // namespace

Result<std::int64_t> Registry::next_file_number(UnixTime now) {
  ROOTLET_TRY(const std::uint64_t last, number_setting(kSettingLastFile, 0));
  const std::int64_t next = std::max(static_cast<std::int64_t>(last) + 1, unix_s(now));
  ROOTLET_TRY(save_setting(kSettingLastFile, std::to_string(next)));
  return next;
}

Status Registry::save_pack(const PackEntry& pack) {
  ROOTLET_TRY(Statement save, database_.prepare(upsert(
                                  "packs", "dataset, partition, to_version, from_version, file",
                                  "offset, file_bytes, header_bytes, id, retired, epoch")));
  save.bind_all(pack.stream.dataset, pack.stream.partition, pack.to, pack.from, pack.file,
                pack.offset, pack.file_bytes, pack.header_bytes, ByteView(pack.id), nullptr,
                pack.epoch);
  if (pack.retired.has_value()) save.bind(10, unix_s(*pack.retired));
  ROOTLET_TRY(save.run());
  ROOTLET_TRY(Statement file,
              database_.prepare("INSERT INTO pack_files VALUES(?,?,?,'') ON CONFLICT DO NOTHING"));
  return file.bind_all(pack.stream.dataset, group_of(pack.stream.partition), pack.file).run();
}

Status Registry::visit_packs(std::string_view dataset,
                             const std::function<Status(const PackEntry&)>& visit) {
  ROOTLET_TRY(Statement query,
              database_.prepare(select(dataset.empty() ? "WHERE ?1=''" : "WHERE dataset=?1")));
  query.bind_all(dataset);
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return ok();
    ROOTLET_TRY(visit(pack_at(query)));
  }
}

Status Registry::visit_packs_below(const StreamName& division,
                                   const std::function<Status(const PackEntry&)>& visit) {
  ROOTLET_TRY(Statement query,
              database_.prepare(select("WHERE dataset=? AND partition>=? AND partition<? AND "
                                       "partition<>? AND retired IS NULL")));
  const PartitionRange range = range_of(division.partition);
  query.bind_all(division.dataset, range.begin, range.end, division.partition);
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return ok();
    ROOTLET_TRY(visit(pack_at(query)));
  }
}

Result<std::vector<PackEntry>> Registry::packs(std::string_view dataset) {
  std::vector<PackEntry> packs;
  ROOTLET_TRY(visit_packs(dataset, [&](const PackEntry& pack) -> Status {
    packs.push_back(pack);
    return ok();
  }));
  return packs;
}

Result<std::vector<PackEntry>> Registry::packs_of(const StreamName& stream) {
  ROOTLET_TRY(Statement query, database_.prepare(select("WHERE dataset=? AND partition=?")));
  query.bind_all(stream.dataset, stream.partition);
  return read_all(query, pack_at);
}

// The partitions of a group begin like its name; no digit comes after '9'.
Result<std::vector<PackEntry>> Registry::packs_in(const PackFileEntry& file) {
  ROOTLET_TRY(Statement query,
              database_.prepare(
                  select("WHERE dataset=?1 AND partition>=?2 AND partition<?2||':' AND file=?3")));
  query.bind_all(file.dataset, file.group, file.file);
  ROOTLET_TRY(std::vector<PackEntry> packs, read_all(query, pack_at));
  std::erase_if(
      packs, [&](const PackEntry& pack) { return group_of(pack.stream.partition) != file.group; });
  return packs;
}

Result<std::vector<PackEntry>> Registry::packs_retired(std::string_view dataset, UnixTime until) {
  ROOTLET_TRY(Statement query, database_.prepare(select("WHERE dataset=? AND retired<=?")));
  query.bind_all(dataset, unix_s(until));
  return read_all(query, pack_at);
}

Status Registry::remove_pack(const PackEntry& pack) {
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM packs WHERE dataset=? AND partition=? AND "
                                "to_version=? AND from_version=? AND file=?"));
  return remove.bind_all(pack.stream.dataset, pack.stream.partition, pack.to, pack.from, pack.file)
      .run();
}

Result<std::vector<PackFileEntry>> Registry::pack_files(std::string_view dataset) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT dataset, grp, file, stamp FROM pack_files "
                                "WHERE ?1='' OR dataset=?1 ORDER BY dataset, grp, file"));
  query.bind_all(dataset);
  return read_all(query, [](const Statement& row) {
    return PackFileEntry{text_at(row, 0), text_at(row, 1), row.integer(2), text_at(row, 3)};
  });
}

Status Registry::save_pack_file(const PackFileEntry& file) {
  ROOTLET_TRY(Statement save,
              database_.prepare(upsert("pack_files", "dataset, grp, file", "stamp")));
  return save.bind_all(file.dataset, file.group, file.file, file.stamp).run();
}

Status Registry::remove_pack_file(const PackFileEntry& file) {
  ROOTLET_TRY(Statement remove,
              database_.prepare("DELETE FROM pack_files WHERE dataset=? AND grp=? AND file=?"));
  return remove.bind_all(file.dataset, file.group, file.file).run();
}

}  // namespace rootlet::platform
