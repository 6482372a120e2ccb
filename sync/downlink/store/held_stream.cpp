// Reading the `streams` and `digests` tables of a store file.
#include "sync/downlink/store/held_stream.hpp"

#include <algorithm>
#include <chrono>

#include "storage/row_values.hpp"

namespace rootlet {
namespace {

std::string select_streams(std::string_view schema) {
  const std::string in = quote_identifier(schema) + ".";
  return "SELECT partition, streams.slot, generation, version, epoch, as_of, received, rows, "
         "damaged FROM " +
         in + "streams JOIN " + in + "slots ON slots.slot = streams.slot ";
}

HeldStream stream_at(const Statement& row) {
  const auto time = [&](int column) { return UnixTime(std::chrono::seconds(row.integer(column))); };
  return {.partition = std::string(row.text(0)),
          .slot = row.integer(1),
          .generation = row.integer(2),
          .version = static_cast<Version>(row.integer(3)),
          .epoch = static_cast<std::uint32_t>(row.integer(4)),
          .as_of = time(5),
          .received = time(6),
          .rows = static_cast<std::uint64_t>(row.integer(7)),
          .state = row.integer(8) != 0 ? StreamState::kDamaged : StreamState::kGood,
          .digests = {}};
}

Status load_digests(Statement& select, HeldStream& stream) {
  select.bind_all(stream.slot);
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) break;
    ROOTLET_TRY(const Hash256 hash, read_hash(select, 1, "stream " + stream.partition));
    stream.digests.push_back({static_cast<Grade>(select.integer(0)), SectionDigest(hash)});
  }
  select.reset();
  return ok();
}

Result<std::vector<HeldStream>> load_all(Database& database, std::string_view schema,
                                         Statement select) {
  std::vector<HeldStream> streams;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) break;
    streams.push_back(stream_at(select));
  }
  ROOTLET_TRY(Statement digests,
              database.prepare("SELECT grade, value FROM " + quote_identifier(schema) +
                               ".digests WHERE slot=?1 ORDER BY grade"));
  for (HeldStream& stream : streams) {
    ROOTLET_TRY(load_digests(digests, stream));
  }
  return streams;
}

}  // namespace

std::string_view name_of(StreamState state) {
  return state == StreamState::kGood ? "good" : "damaged";
}

Result<std::vector<HeldStream>> load_held_streams(Database& database, std::string_view schema) {
  ROOTLET_TRY(Statement select, database.prepare(select_streams(schema) + "ORDER BY partition"));
  return load_all(database, schema, std::move(select));
}

Result<std::optional<HeldStream>> load_held_stream(Database& database, std::string_view partition) {
  ROOTLET_TRY(Statement select, database.prepare(select_streams("main") + "WHERE partition=?1"));
  select.bind_all(partition);
  ROOTLET_TRY(std::vector<HeldStream> streams, load_all(database, "main", std::move(select)));
  if (streams.empty()) return std::optional<HeldStream>();
  return std::optional(std::move(streams.front()));
}

}  // namespace rootlet
