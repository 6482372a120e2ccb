// The same table as CSV and as a workbook gives the same cells.
#include <xlsxwriter.h>

#include "core/format/csv.hpp"
#include "core/format/spreadsheet_cell.hpp"
#include "tests/core/sheet/zip_maker.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"0",  "007",      "110101199003078888",
                                                   "王", "小明",     " ",
                                                   ",",  ";",        "\t",
                                                   "\"", "'",        "=1",
                                                   "+",  "-2",       "@",
                                                   "#",  "\n",       "\r\n",
                                                   "😀",  "</t>&lt;", "é",
                                                   "1.5"};
  std::string out;
  for (std::size_t count = random() % 5; count > 0; --count) {
    out += kPieces[random() % kPieces.size()];
  }
  return out;
}

// No row is empty, and no row ends with an empty cell: those are left out.
Table random_table(std::mt19937_64& random) {
  Table table(1 + random() % 12);
  const std::size_t columns = 1 + random() % 30;
  for (auto& row : table) {
    for (std::size_t i = random() % columns; i > 0; --i) row.push_back(random_text(random));
    row.push_back("end");
  }
  // A heading has no further semicolons or tabs, which would be taken for delimiters.
  table[0].clear();
  for (std::size_t i = 0; i < columns; ++i) table[0].push_back("第" + std::to_string(i) + "列");
  return table;
}

std::string as_csv(const Table& table) {
  std::string out;
  for (const auto& row : table) {
    std::vector<std::string> guarded;
    for (const std::string& cell : row) {
      std::string scratch;
      guarded.emplace_back(guarded_cell(cell, scratch));
    }
    append_csv_row(out, std::vector<std::string_view>(guarded.begin(), guarded.end()));
  }
  return out;
}

std::string as_workbook(const Table& table, bool shared) {
  const TempDir folder;
  const std::string path = (folder.path() / "a.xlsx").string();
  lxw_workbook_options options{};
  options.constant_memory = shared ? LXW_FALSE : LXW_TRUE;  // then texts are in their cells
  lxw_workbook* book = workbook_new_opt(path.c_str(), &options);
  lxw_worksheet* sheet = workbook_add_worksheet(book, nullptr);
  for (std::size_t row = 0; row < table.size(); ++row) {
    for (std::size_t column = 0; column < table[row].size(); ++column) {
      if (table[row][column].empty()) continue;
      REQUIRE(worksheet_write_string(sheet, static_cast<lxw_row_t>(row),
                                     static_cast<lxw_col_t>(column), table[row][column].c_str(),
                                     nullptr) == LXW_NO_ERROR);
    }
  }
  REQUIRE(workbook_close(book) == LXW_NO_ERROR);
  return must(read_text_file(path, limits::kMiB));
}

}  // namespace

TEST_CASE("sheet: a table as CSV, with shared and with inline texts has equal cells") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  MESSAGE("ROOTLET_SEED=", seed);
  for (int i = 0; i < 60; ++i) {
    const Table table = random_table(random);
    CHECK(read(as_csv(table)) == table);
    CHECK(read(as_workbook(table, true)) == table);
    CHECK(read(as_workbook(table, false)) == table);
  }
}
