// Measures reads of single rows.
// clang-format off
//   read socket SOCKET DATASET PURPOSE KEYS COUNT      look-ups over one connection of the local
//                                                      socket, one after the other
//   read statement HOME DATASET COUNT KEYS             the statement of a look-up against a plain
//                                                      SELECT by key, on the same open file
// clang-format on
// KEYS is a file with one key a line; they are taken in a fixed random order.
#include <algorithm>
#include <fstream>
#include <random>

#include "agent/channel/local_socket.hpp"
#include "agent/reading/reading_pool.hpp"
#include "agent/reading/row_query.hpp"
#include "bench/tool.hpp"
#include "core/file/boot.hpp"
#include "core/format/json_values.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet::bench {
namespace {

using namespace agent;

constexpr std::size_t kAnswerBytes = 1 * limits::kMiB;

std::vector<std::string> load_keys(const char* path, std::size_t count) {
  std::vector<std::string> all, out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) all.push_back(line);
  if (all.empty()) die("no keys");
  std::mt19937_64 random(7);
  for (std::size_t i = 0; i < count; ++i) out.push_back(all[random() % all.size()]);
  return out;
}

json::object figures(std::vector<double> seconds, double whole) {
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](double part) {
    return seconds[static_cast<std::size_t>(part * static_cast<double>(seconds.size() - 1))] * 1e6;
  };
  return {{"count", seconds.size()}, {"p50_us", at(0.5)},
          {"p95_us", at(0.95)},      {"p99_us", at(0.99)},
          {"most_us", at(1)},        {"per_second", static_cast<double>(seconds.size()) / whole}};
}

void over_the_socket(char** words) {
  const std::vector<std::string> keys = load_keys(words[3], std::stoul(words[4]));
  LocalConnection connection = must(LocalConnection::connect(words[0]));
  std::vector<double> seconds;
  seconds.reserve(keys.size());
  const Timer whole;
  for (const std::string& key : keys) {
    const json::object request{{"command", "show"},
                               {"keep", true},
                               {"args", json::object{{"dataset", words[1]},
                                                     {"purpose", words[2]},
                                                     {"limit", 0},
                                                     {"columns", json::array()},
                                                     {"key", key}}}};
    const Timer one;
    must(connection.write_line(json::serialize(request)));
    while (true) {
      const std::optional<std::string> line = must(connection.read_line(kAnswerBytes));
      if (!line) die("the daemon hung up");
      if (line->starts_with("{\"error\"")) die(*line);
      if (line->starts_with("{\"done\"")) break;
    }
    seconds.push_back(one.seconds());
  }
  print(figures(std::move(seconds), whole.seconds()));
}

// Runs `statement` for every key; a microsecond figure for one.
double run_all(Statement& statement, const std::vector<std::string>& keys,
               const std::vector<ShownColumn>& columns, int first, const std::vector<Slot>* slots) {
  std::size_t cells = 0;
  const Timer timer;
  for (const std::string& key : keys) {
    statement.bind_all(std::string_view(key));
    while (must(statement.step())) {
      if (slots != nullptr &&
          !std::binary_search(slots->begin(), slots->end(), slot_of(statement.integer(0)))) {
        continue;
      }
      for (std::size_t i = 0; i < columns.size(); ++i) {
        cells += stored_cell(statement, first + static_cast<int>(i), columns[i].spec).text.size();
      }
    }
  }
  if (cells == 0) die("no row was found");
  statement.reset();
  return timer.seconds() * 1e6 / static_cast<double>(keys.size());
}

json::object compare(HeldDataset& held, const CatalogueEntry& entry, const Grant& grant,
                     const std::vector<std::string>& keys) {
  const ReadRight right = right_of(grant);
  const VisibleRows rows = must(held.reader().stored_rows(entry.definition, right));
  const std::vector<ShownColumn> columns = must(choose_columns(entry.definition, rows, {}));
  const std::string key =
      quote_identifier(entry.definition.columns[entry.definition.key_columns().front()].spec.name);
  std::string names;
  for (const ShownColumn& column : columns) {
    names += (names.empty() ? "" : ",") + quote_identifier(column.spec.name);
  }
  Database& database = held.reader().database();
  const std::string table = quote_identifier(
      generation_table(must(database.integer("SELECT max(generation) FROM generations"))));
  Statement plain =
      must(database.prepare("SELECT " + names + " FROM " + table + " WHERE " + key + " = ?1"));
  Statement ours = must(database.prepare("SELECT \"~row\"," + names + " FROM " + rows.sql +
                                         " WHERE " + key + " = ?1"));
  const std::vector<Slot> slots = visible_slots(held.streams(), right);
  run_all(plain, keys, columns, 0, nullptr);  // both find warm pages
  double raw = 1e9, rootlet = 1e9;
  for (int turn = 0; turn < 5; ++turn) {
    raw = std::min(raw, run_all(plain, keys, columns, 0, nullptr));
    rootlet = std::min(rootlet, run_all(ours, keys, columns, 1, &slots));
  }
  return {{"sqlite_us", raw}, {"rootlet_us", rootlet}, {"ratio", rootlet / raw}};
}

void statement(char** words) {
  const std::vector<std::string> keys = load_keys(words[3], std::stoul(words[2]));
  const AgentContext context{.home = Home(words[0]),
                             .settings = {},
                             .clock = &system_clock(),
                             .boot = current_boot(),
                             .machine = current_machine()};
  ReadingPool pool(context, ReadingPool::Upkeep::kNone);
  const ReadingPool::Taken session = must(pool.take());
  const auto entry = must(session->catalogue_entry(words[1]));
  const Grant* grant = session->office().grants().for_dataset(words[1]);
  if (entry == nullptr || grant == nullptr) die("no such dataset");
  const bool held = must(session->read_dataset_file(words[1], [&](HeldDataset& dataset) -> Status {
    print(compare(dataset, *entry, *grant, keys));
    return ok();
  }));
  if (!held) die("the dataset has not arrived");
}

}  // namespace
}  // namespace rootlet::bench

int main(int count, char** words) {
  const std::string what = count > 1 ? words[1] : "";
  if (what == "socket" && count == 7) {
    rootlet::bench::over_the_socket(words + 2);
  } else if (what == "statement" && count == 6) {
    rootlet::initialise_crypto();
    rootlet::bench::statement(words + 2);
  } else {
    rootlet::bench::die(
        "usage: read socket SOCKET DATASET PURPOSE KEYS COUNT | "
        "read statement HOME DATASET COUNT KEYS");
  }
}
