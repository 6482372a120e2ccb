// Tests of first_numbers.hpp: each row once, related rows next to each other, and no influence of
// graded columns.
#include "platform/change/first_numbers.hpp"

#include <deque>
#include <set>

#include "core/crypto.hpp"
#include "platform/source/rows/row_image.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr std::size_t kRows = 600, kHouseholds = 150;

DatasetDefinition definition(int household_grade) {
  std::string column = R"({"name":"household","type":"text"})";
  if (household_grade > 1) column = R"({"name":"household","type":"text","grade":3,"mask":"all"})";
  return must(DatasetDefinition::parse(
      R"({"id":"roster","title":{"zh":"x","en":"x"},"provider":{"code":"1","name":{"zh":"x","en":"x"}},)"
      R"("format":"table","update":"daily","sharing":{"attribute":"unconditional","mode":"batch","uses":["u"]},)"
      R"("grade":"general","assessment":"1","division":{"column":"id","digits":0},)"
      R"("columns":[{"name":"id","type":"text","key":true},)" +
          column + R"(]})",
      "test"));
}

// Members of a household are far apart in the order of keys.
struct FirstVersion {
  std::deque<std::string> images;
  Difference change;

  FirstVersion() {
    for (std::size_t i = 0; i < kRows; ++i) {
      const std::string id = std::to_string(100'000 + i);
      const std::string number = std::to_string(i * 7 % kHouseholds);
      const std::string household = to_hex(ByteView(blake2b(as_bytes(number))).first(9));
      std::string image;
      append_image_cell(image, {CellView::Kind::kText, 0, id});
      append_image_cell(image, {CellView::Kind::kText, 0, household});
      change.inserts.push_back({i, {}, {}, images.emplace_back(std::move(image))});
      change.rows.push_back(images.back());
    }
    change.rows_after = kRows;
  }

  // How often two neighbouring rows are of one household.
  std::size_t neighbours() const {
    std::size_t count = 0;
    for (std::size_t i = 1; i < kRows; ++i) {
      count += household_at(i) == household_at(i - 1) ? 1 : 0;
    }
    return count;
  }

 private:
  std::string household_at(std::size_t i) const {
    std::vector<CellView> cells;
    must(read_image(change.rows[i], 2, cells));
    return std::string(cells[1].text);
  }
};

}  // namespace

TEST_CASE("first numbers: related rows become neighbours, each once") {
  FirstVersion first;
  REQUIRE(first.neighbours() == 0);
  const DatasetDefinition open = definition(1);
  must(FirstNumbers(open).give(first.change));
  CHECK(first.neighbours() == kRows - kHouseholds);
  std::set<std::string_view> images;
  for (std::size_t i = 0; i < kRows; ++i) {
    CHECK(first.change.inserts[i].rid == i);
    CHECK(first.change.rows[i] == first.change.inserts[i].new_image);
    images.insert(first.change.rows[i]);
  }
  CHECK(images.size() == kRows);
}

TEST_CASE("first numbers: a column of a higher grade does not decide the order") {
  FirstVersion first;
  const DatasetDefinition graded = definition(3);
  must(FirstNumbers(graded).give(first.change));
  CHECK(first.neighbours() == 0);
}

TEST_CASE("first numbers: the next partition is ordered as the one before") {
  const DatasetDefinition open = definition(1);
  FirstNumbers numbers(open);
  for (int partition = 0; partition < 2; ++partition) {
    FirstVersion first;
    must(numbers.give(first.change));
    CHECK(first.neighbours() == kRows - kHouseholds);
  }
}
