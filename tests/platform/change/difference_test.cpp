// Tests of difference.hpp, source_table.hpp and row_image.hpp: exactly the changes, with dense row
// numbers.
#include "platform/change/difference.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "platform/packs/partition_image.hpp"
#include "platform/source/rows/row_image.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

using Model = std::map<std::string, std::pair<Rid, std::string>>;  // key → rid, image

HeldRows rows_of(const Model& model) {
  auto at = std::make_shared<Model::const_iterator>(model.begin());
  return [at, end = model.end()](HeldRow& row) -> Result<bool> {
    if (*at == end) return false;
    row = {.key = (*at)->first, .rid = (*at)->second.first, .image = (*at)->second.second};
    ++*at;
    return true;
  };
}

Difference difference_to(const Model& held, const std::map<std::string, std::string>& wanted) {
  SourceTable table;
  std::uint32_t line = 1;
  for (const auto& [key, image] : wanted) table.add("all", key, image, ++line);
  REQUIRE(table.sort(1).empty());
  const auto parts = table.parts();
  const std::span<const SourceRow> rows =
      parts.empty() ? std::span<const SourceRow>() : parts[0].rows;
  Difference difference = must(find_difference(rows_of(held), rows));
  // The views into the table would dangle; keep them.
  for (auto* list : {&difference.deletes, &difference.updates, &difference.inserts}) {
    for (RowChange& row : *list) {
      row.key = difference.kept.keep(row.key);
      row.new_image = difference.kept.keep(row.new_image);
    }
  }
  for (std::string_view& row : difference.rows) row = difference.kept.keep(row);
  return difference;
}

// Checks PartitionImage::before(): laid over the table after the change it gives the table before.
void check_images(const Difference& difference, const Model& before, const Model& after) {
  const PartitionImage image = PartitionImage::before(difference);
  std::map<Rid, std::string> held, wanted;
  for (const auto& [key, row] : before) held.insert(row);
  for (const auto& [key, row] : after) wanted.insert(row);
  CHECK(image.bound() >= (held.empty() ? 0 : held.rbegin()->first + 1));
  for (Rid rid = 0; rid < image.bound() + 2; ++rid) {
    CHECK(image.at(rid) == (held.contains(rid) ? held.at(rid) : ""));
    const std::string_view row = rid < difference.rows.size() ? difference.rows[rid] : "";
    CHECK(row == (wanted.contains(rid) ? wanted.at(rid) : ""));
  }
}

void apply(Model& model, const Difference& difference) {
  for (const RowChange& row : difference.deletes) {
    REQUIRE(model.at(std::string(row.key)) == std::pair(row.rid, std::string(row.old_image)));
    model.erase(std::string(row.key));
  }
  for (const RowChange& row : difference.updates) {
    auto& held = model.at(std::string(row.key));
    REQUIRE(held == std::pair(row.rid, std::string(row.old_image)));
    CHECK(row.old_image != row.new_image);
    held.second = row.new_image;
  }
  for (const RowChange& row : difference.inserts) {
    REQUIRE(!model.contains(std::string(row.key)));
    model[std::string(row.key)] = {row.rid, std::string(row.new_image)};
  }
}

std::set<Rid> rids_of(const Model& model) {
  std::set<Rid> rids;
  for (const auto& [key, row] : model) rids.insert(row.first);
  return rids;
}

CellView text(std::string_view value) {
  return {CellView::Kind::kText, 0, value};
}
CellView number(std::int64_t value) {
  return {CellView::Kind::kInteger, value, {}};
}
std::string key_of(std::initializer_list<CellView> cells) {
  std::string key;
  for (const CellView& cell : cells) append_key_cell(key, cell);
  return key;
}

}  // namespace

TEST_CASE("difference: applied to the old rows, it yields the new ones with dense numbers") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  Model model;
  for (int round = 0; round < 200; ++round) {
    std::map<std::string, std::string> wanted;
    for (const auto& [key, row] : model) {
      if (random() % 10 == 0) continue;  // deleted
      wanted[key] = random() % 8 == 0 ? "v" + std::to_string(random() % 5) : row.second;
    }
    for (std::size_t n = random() % 20; n > 0; --n) {
      wanted["k" + std::to_string(random() % 100)] = "v" + std::to_string(random() % 5);
    }
    const std::size_t rows_before = model.size();
    const std::set<Rid> rids_before = rids_of(model);
    const Difference difference = difference_to(model, wanted);
    CHECK(difference.rows_before == rows_before);
    CHECK(difference.rows_after == wanted.size());
    const Model before = model;
    apply(model, difference);
    check_images(difference, before, model);

    REQUIRE(model.size() == wanted.size());
    for (const auto& [key, row] : model) CHECK(row.second == wanted.at(key));
    const std::set<Rid> rids = rids_of(model);
    CHECK(rids.size() == model.size());
    // A new number is used only if all smaller ones are in use, by rows that stayed or new ones.
    for (const RowChange& row : difference.inserts) {
      for (Rid smaller = 0; smaller < row.rid; ++smaller) CHECK(rids.contains(smaller));
    }
    const auto by_rid = [](const RowChange& a, const RowChange& b) { return a.rid < b.rid; };
    for (const auto* list : {&difference.deletes, &difference.updates, &difference.inserts}) {
      CHECK(std::is_sorted(list->begin(), list->end(), by_rid));
    }
  }
}

TEST_CASE("difference: unchanged rows may be left out of the new rows") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 100; ++round) {
    Model model;
    SourceTable table;
    std::vector<std::uint32_t> unchanged;
    std::map<std::string, std::string> wanted;
    const auto some_image = [&] { return "v" + std::to_string(random() % 5); };
    for (Rid rid = 0; rid < random() % 40; ++rid) {
      const std::string key = "k" + std::to_string(random() % 100);
      model.try_emplace(key, unchanged.size(), some_image());
      unchanged.resize(model.size());
    }
    for (const auto& [key, row] : model) {
      const auto choice = random() % 4;
      if (choice == 0) continue;  // deleted
      wanted[key] = choice == 1 ? some_image() : row.second;
      if (choice == 2) unchanged[row.first] = 1;
    }
    for (std::size_t n = random() % 6; n > 0; --n)
      wanted.try_emplace("n" + key_of({number(static_cast<std::int64_t>(random() % 100))}),
                         some_image());
    for (const auto& [key, image] : wanted) {
      if (!model.contains(key) || unchanged[model.at(key).first] == 0)
        table.add("all", key, image, 2);
    }
    table.sort(1);
    const auto parts = table.parts();
    const Difference found = must(find_difference(
        rows_of(model), parts.empty() ? std::span<const SourceRow>() : parts[0].rows, unchanged));
    CHECK(found.rows_after == wanted.size());
    const Model before = model;
    apply(model, found);
    check_images(found, before, model);
    REQUIRE(model.size() == wanted.size());
    for (const auto& [key, row] : model) CHECK(row.second == wanted.at(key));
  }
}

TEST_CASE("difference: an equal row with other bytes in the file gets a new fingerprint") {
  const Model model{{"a", {0, "x"}}, {"b", {1, "y"}}};
  SourceTable table;
  table.add("all", "a", "x", 2);
  table.add("all", "b", "z", 3);
  table.rows()[0].fingerprint.key = 5;
  table.rows()[1].fingerprint.key = 6;
  const Difference found = must(find_difference(rows_of(model), table.parts()[0].rows));
  REQUIRE(found.refingerprinted.size() == 1);
  CHECK(found.refingerprinted[0].rid == 0);
  CHECK(found.refingerprinted[0].fingerprint.key == 5);
  CHECK(found.updates.at(0).fingerprint.key == 6);
}

TEST_CASE("difference: the same rows give no change") {
  Model model{{"a", {0, "x"}}, {"b", {1, "y"}}};
  CHECK(difference_to(model, {{"a", "x"}, {"b", "y"}}).empty());
  CHECK(difference_to({}, {}).empty());
}

TEST_CASE("difference: numbers of deleted rows are reused at once, the smallest first") {
  Model model{{"a", {0, "x"}}, {"b", {1, "x"}}, {"c", {2, "x"}}};
  const Difference difference =
      difference_to(model, {{"c", "x"}, {"d", "x"}, {"e", "x"}, {"f", "x"}});
  REQUIRE(difference.inserts.size() == 3);
  CHECK(difference.inserts[0].rid == 0);
  CHECK(difference.inserts[1].rid == 1);
  CHECK(difference.inserts[2].rid == 3);
}

TEST_CASE("source table: parts and keys are ordered, a duplicate key is named with both lines") {
  SourceTable table;
  table.add("33", "b", "1", 2);
  table.add("11", "z", "1", 3);
  table.add("33", "a", "1", 4);
  table.add("11", "b", "1", 5);  // the same key as in line 2, in another partition
  const std::vector<DuplicateKey> twice = table.sort(10);
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].first_line == 2);
  CHECK(twice[0].second_line == 5);
  const auto parts = table.parts();
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].partition == "11");
  CHECK(parts[1].partition == "33");
  CHECK(parts[1].rows[0].key() == "a");
  CHECK(parts[1].rows[1].key() == "b");
}

TEST_CASE("row image: round trip; damaged ones are rejected") {
  const std::vector<CellView> row{text("中"), CellView{}, number(-7), text(""), number(INT64_MIN)};
  std::string image;
  for (const CellView& cell : row) append_image_cell(image, cell);
  std::vector<CellView> cells;
  REQUIRE(read_image(image, row.size(), cells).has_value());
  CHECK(cells == row);
  CHECK(code_of(read_image(image, row.size() + 1, cells)) == ErrorCode::kStorageDamaged);
  for (std::size_t cut = 0; cut < image.size(); ++cut) {
    CHECK(read_image(image.substr(0, cut), row.size(), cells).has_error());
  }
  CHECK(code_of(read_image("\x09", 1, cells)) == ErrorCode::kStorageDamaged);
}

TEST_CASE(
    "row image: reading some cells gives the same as reading all, and ignores bytes after them") {
  const std::vector<CellView> row{text("中"), CellView{}, number(-7), text(""), number(3)};
  std::string image;
  std::vector<std::size_t> ends;
  for (const CellView& cell : row) {
    append_image_cell(image, cell);
    ends.push_back(image.size());
  }
  for (unsigned wanted = 0; wanted < 1U << row.size(); ++wanted) {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if ((wanted >> c & 1) != 0) columns.push_back(c);
    }
    std::vector<CellView> cells(columns.size());
    const std::size_t needed = columns.empty() ? 0 : ends[columns.back()];
    for (std::size_t cut = 0; cut <= image.size(); ++cut) {
      const Status read = read_image_columns(image.substr(0, cut), columns, cells);
      CHECK(read.has_value() == (cut >= needed));
    }
    must(read_image_columns(image, columns, cells));
    for (std::size_t i = 0; i < columns.size(); ++i) CHECK(cells[i] == row[columns[i]]);
  }
}

TEST_CASE("row image: keys sort as their values, and cells of a key never run together") {
  CHECK(key_of({number(-2)}) < key_of({number(-1)}));
  CHECK(key_of({number(-1)}) < key_of({number(0)}));
  CHECK(key_of({number(9)}) < key_of({number(10)}));
  CHECK(key_of({text("a")}) < key_of({text("ab")}));
  CHECK(key_of({text("ab")}) < key_of({text("b")}));
  CHECK(key_of({text("a"), text("bc")}) != key_of({text("ab"), text("c")}));
  const std::string zero("\0", 1);
  CHECK(key_of({text(zero), text("a")}) != key_of({text(""), text(zero + "a")}));
}
