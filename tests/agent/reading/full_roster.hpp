// A roster whose rows are held up to grade 3, so that phones have values beside their masks.
#pragma once

#include "tests/agent/office_world.hpp"

namespace rootlet::test {

// Replaces the rows of `partition` by `count` people with the keys p0, p1, …, each with the phone
// 13800000000 plus its number.
inline void fill_with_people(OfficeWorld& world, int count, const std::string& partition = "3304",
                             const std::string& prefix = "p") {
  Office office = world.open();
  CycleHost host(office);
  const DatasetDefinition definition =
      must(DatasetDefinition::parse(std::string(kRoster), "roster"));
  DatasetStore store = must(host.open_dataset("roster", dataset_layout(definition, 3)));
  Transaction transaction = must(Transaction::begin(store.database()));
  const Slot slot = must(store.new_slot());
  must(store.database().execute(
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<" +
      std::to_string(count - 1) + ") INSERT INTO " + quote_identifier(store.table()) +
      "(row_id, id, name, phone, \"phone~\") SELECT " + std::to_string(row_id(slot, 0)) + "+i, '" +
      prefix + "'||i, '王小明', CAST(13800000000+i AS TEXT), '138****0000' FROM n"));
  HeldStream stream;
  stream.partition = partition;
  stream.slot = slot;
  stream.version = 2;
  stream.epoch = 1;
  stream.as_of = stream.received = world.clock.wall();
  stream.rows = static_cast<std::uint64_t>(count);
  stream.digests.push_back({.grade = 1, .digest = {}});
  must(store.put_stream(stream));
  must(transaction.commit());
}

inline json::object roster_query(json::object more = {}) {
  json::object args{{"dataset", "roster"},
                    {"purpose", "verification"},
                    {"limit", 50},
                    {"columns", json::array{"id", "phone"}},
                    {"where", json::array()}};
  for (const auto& member : more) args[member.key()] = member.value();
  return args;
}

inline std::vector<LedgerEntry> entries_of(OfficeWorld& world) {
  Office office = world.open();
  Ledger ledger = must(Ledger::open(office.home(), office.keys()));
  must(ledger.verify());
  return must(ledger.list(0));
}

}  // namespace rootlet::test
