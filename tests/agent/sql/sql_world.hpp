// An office with three datasets: roster and villages for one purpose, wages for another.
#pragma once

#include "agent/care/damage.hpp"
#include "agent/ledger/ledger.hpp"
#include "agent/sql/sql.hpp"
#include "tests/agent/office_world.hpp"

namespace rootlet::test {

inline std::string small_definition(const std::string& id, const std::string& columns) {
  return R"({"id": ")" + id + R"(", "title": {"zh": ")" + id + R"(", "en": ")" + id + R"("},
    "provider": {"code": "1", "name": {"zh": "民政", "en": "Civil affairs"}},
    "format": "table", "update": "daily",
    "sharing": {"attribute": "unconditional", "uses": ["verification", "payroll"]},
    "grade": "general", "assessment": "1", "division": {"column": "code", "digits": 4},
    "columns": [{"name": "code", "type": "text", "key": true}, )" +
         columns + "]}";
}

class SqlWorld {
 public:
  SqlWorld() {
    const std::string villages =
        small_definition("villages", R"({"name": "village", "type": "text"})");
    const std::string wages = small_definition("wages", R"({"name": "amount", "type": "integer"})");
    publish({villages, wages});
    fill(villages, "3304", {{"330402001001", "东栅社区"}, {"330402001002", "=1+1"}});
    fill(villages, "3305", {{"330500000000", "beyond the grant"}});
    fill(wages, "3304", {{"330402001001", ""}});
    give_grants({});
    options.program = ROOTLET_PROGRAM;
  }

  // `join` is what the grants of roster and villages name.
  void give_grants(const std::vector<std::pair<std::string, std::string>>& join,
                   const std::string& mode = "full", Grade max_grade = 2) {
    GrantFile file;
    file.office = "jiaxing";
    file.version = ++version_;
    file.issued = world.clock.wall();
    for (const char* id : {"roster", "villages", "wages"}) {
      Grant grant;
      grant.dataset = id;
      grant.divisions = {"3304"};
      grant.max_grade = max_grade;
      grant.purposes = {std::string(id) == "wages" ? "payroll" : "verification"};
      grant.mode = mode;
      grant.until = world.clock.wall() + std::chrono::days(365);
      grant.lease_days = 30;
      grant.may_export = may_export;
      for (const auto& [from, to] : join) {
        if (from == id) grant.join.push_back(to);
      }
      file.grants.push_back(grant);
    }
    Office office = world.open();
    must(office.save_grants(file));
  }

  Result<SqlOutcome> run(const std::string& sql, const std::string& purpose = "verification",
                         std::vector<SqlParameter> parameters = {}, std::uint64_t limit = 0) {
    sink = KeepingSink();
    Office office = world.open();
    return run_sql(
        office, own_peer(),
        {.sql = sql, .purpose = purpose, .parameters = std::move(parameters), .limit = limit}, sink,
        [] { return false; }, options);
  }
  // The rows as one line of JSON.
  std::string rows(const std::string& sql, std::vector<SqlParameter> parameters = {}) {
    must(run(sql, "verification", std::move(parameters)));
    return json::serialize(sink.kept);
  }
  Error failure(const std::string& sql, const std::string& purpose = "verification") {
    const Result<SqlOutcome> outcome = run(sql, purpose);
    REQUIRE(outcome.has_error());
    return outcome.error();
  }
  std::vector<LedgerEntry> ledger() {
    Office office = world.open();
    Ledger opened = must(Ledger::open(office.home(), office.keys()));
    return must(opened.list(0));
  }

  OfficeWorld world;
  KeepingSink sink;
  SqlOptions options;
  bool may_export = false;  // of the grants that are given from now on

 private:
  void publish(const std::vector<std::string>& definitions) {
    Office office = world.open();
    CycleHost host(office);
    DatasetStore store = must(host.open_directory());
    HeldNode node{.stream = node_stream("33"), .version = 1, .digest = {}, .rows = {}};
    for (const DirectoryKind kind : {DirectoryKind::kDefinition, DirectoryKind::kListing}) {
      for (const std::string& text : definitions) {
        const DatasetDefinition definition = must(DatasetDefinition::parse(text, "definition"));
        const bool is_listing = kind == DirectoryKind::kListing;
        node.rows.push_back({.kind = kind,
                             .id = definition.id,
                             .a = is_listing ? 1 : 0,
                             .size = is_listing ? 1 : 0,
                             .hash = is_listing ? std::string(kPinnedDigestBytes, 'x') : "",
                             .body = is_listing ? must(listing_of(text)) : text});
      }
    }
    must(save_node(store.database(), node));
  }

  // Rows of a code and a text; the text of a number column is left out.
  void fill(const std::string& text, const std::string& partition,
            const std::vector<std::pair<std::string, std::string>>& rows) {
    const DatasetDefinition definition = must(DatasetDefinition::parse(text, "definition"));
    Office office = world.open();
    CycleHost host(office);
    DatasetStore store = must(host.open_dataset(definition.id, dataset_layout(definition, 2)));
    const auto& columns = store.layout().sections.front().columns;
    RowBlock block;
    block.columns.resize(columns.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      block.rids.push_back(static_cast<Rid>(i));
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (holds_integers(columns[c].type)) {
          block.columns[c].push_integer(4200);
        } else {
          block.columns[c].push_text(columns[c].name == "code" ? rows[i].first : rows[i].second);
        }
      }
    }
    Transaction transaction = must(Transaction::begin(store.database()));
    const Slot slot = must(store.new_slot());
    RowTable table =
        must(RowTable::open(store.database(), store.table(), store.layout().sections.front(),
                            store.layout().key, slot));
    must(table.insert(block, 0, block.rids.size()));
    HeldStream stream;
    stream.partition = partition;
    stream.slot = slot;
    stream.version = 1;
    stream.epoch = 1;
    stream.as_of = stream.received = world.clock.wall();
    stream.rows = block.rids.size();
    stream.digests.push_back({.grade = 1, .digest = {}});
    must(store.put_stream(stream));
    must(transaction.commit());
  }

  std::uint64_t version_ = 100;
};

}  // namespace rootlet::test
