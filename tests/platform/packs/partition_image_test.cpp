// A partition at a past version: walking it gives the same rows as looking up each row.
#include "platform/packs/partition_image.hpp"

#include "platform/source/rows/row_image.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

DatasetDefinition masked_definition() {
  return must(DatasetDefinition::parse(
      R"({"id":"roster","title":{"zh":"x","en":"x"},"provider":{"code":"1","name":{"zh":"x","en":"x"}},
      "format":"table","update":"daily","sharing":{"attribute":"unconditional"},"grade":"general",
      "assessment":"1","division":{"column":"id","digits":0},
      "columns":[{"name":"id","type":"text","key":true},
                 {"name":"phone","type":"text","grade":2,"mask":"phone"},
                 {"name":"age","type":"integer"},
                 {"name":"remark","type":"text","grade":3,"mask":"all"}]})",
      "test"));
}

std::string image_of(std::size_t row) {
  const std::string id = std::to_string(100 + row), phone = std::to_string(13'800'000'000 + row);
  std::string image;
  append_image_cell(image, {CellView::Kind::kText, 0, id});
  append_image_cell(image, row % 5 == 0 ? CellView{} : CellView{CellView::Kind::kText, 0, phone});
  append_image_cell(image, {CellView::Kind::kInteger, static_cast<std::int64_t>(row % 90), {}});
  append_image_cell(image, {CellView::Kind::kText, 0, "r" + id});
  return image;
}

// Sixty rows: some are deleted by now, some had other values or did not exist yet.
struct Fixture {
  SectionLayout layout{masked_definition()};
  std::deque<std::string> images;
  std::vector<std::string_view> rows;
  std::vector<PastRow> past;
  Fixture() {
    for (Rid rid = 0; rid < 60; ++rid) {
      const std::string& now = images.emplace_back(image_of(rid));
      rows.push_back(rid % 7 == 3 ? std::string_view() : std::string_view(now));
      if (rid % 7 == 3 || rid % 11 == 2)
        past.push_back({rid, images.emplace_back(image_of(rid + 500))});
      if (rid % 13 == 5 && rid % 7 != 3 && rid % 11 != 2) past.push_back({rid, {}});
    }
    past.push_back({63, images.emplace_back(image_of(63))});
  }
};

}  // namespace

TEST_CASE("partition image: a walk gives the same rows and cells as look-ups, for any columns") {
  const Fixture fixture;
  const PartitionImage image(fixture.rows, fixture.past);
  CHECK(image.bound() == 64);
  const ImageTables tables(fixture.layout, image);
  REQUIRE(tables.tables().size() == 3);
  std::vector<Rid> all;
  for (Rid rid = 0; rid < image.bound(); ++rid) all.push_back(rid);
  for (BaseTable* table : tables.tables()) {
    const RowBlock found = must(table->find(all));
    CHECK(found.rids.size() == 60 - 3 + 1);
    std::vector<std::vector<std::size_t>> choices{{}};
    for (std::size_t a = 0; a < found.columns.size(); ++a) {
      choices.push_back({a});
      for (std::size_t b = 0; b < found.columns.size(); ++b) {
        if (a != b) choices.push_back({a, b});
      }
    }
    for (const std::vector<std::size_t>& columns : choices) {
      std::size_t row = 0;
      must(table->walk(columns, [&](Rid rid, std::span<const CellView> cells) {
        REQUIRE(row < found.rids.size());
        CHECK(rid == found.rids[row]);
        REQUIRE(cells.size() == columns.size());
        for (std::size_t i = 0; i < columns.size(); ++i) {
          CHECK(cells[i] == found.columns[columns[i]].at(row));
        }
        ++row;
      }));
      CHECK(row == found.rids.size());
    }
  }
}

TEST_CASE("partition image: an unreadable row is reported as damage") {
  Fixture fixture;
  const std::string broken = fixture.images.front().substr(0, 6);
  fixture.rows[4] = broken;
  const PartitionImage image(fixture.rows, {});
  const ImageTables tables(fixture.layout, image);
  const std::vector<std::size_t> last{fixture.layout.sections()[0].columns.size() - 1};
  CHECK(code_of(tables.tables()[0]->walk(last, [](Rid, std::span<const CellView>) {})) ==
        ErrorCode::kStorageDamaged);
}
