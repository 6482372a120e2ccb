// Columns with typical office data get the codes that were made for them, and round-trip.
#include "sync/pack/coding/text_forms.hpp"
#include "sync/pack/coding/text_gaps.hpp"
#include "sync/pack/columns/column_decoder.hpp"
#include "sync/pack/columns/column_encoder.hpp"
#include "sync/pack/table/row_order.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

struct Table {
  std::vector<ColumnSpec> specs;
  std::vector<CellColumn> columns;
  std::size_t rows() const { return columns.front().size(); }
};

void add_text(Table& table, std::string name, const std::vector<std::string>& cells) {
  table.specs.push_back({.name = std::move(name)});
  CellColumn& column = table.columns.emplace_back();
  for (const std::string& cell : cells) {
    if (cell.empty()) column.push_null();
    if (!cell.empty()) column.push_text(cell);
  }
}

std::vector<CellView> views_of(const CellColumn& column) {
  std::vector<CellView> views;
  for (std::size_t i = 0; i < column.size(); ++i) views.push_back(column.at(i));
  return views;
}

struct Coded {
  std::vector<Bytes> columns;
  std::vector<std::string> trees;
};

// Encodes the columns in turn, each with those before it; decodes them and compares.
Coded coded(const Table& table) {
  Coded out;
  ColumnEncoder encoder;
  std::vector<std::uint32_t> rows(table.rows());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint32_t>(i);
  BlockCells coded_cells(rows.size(), table.columns.size()),
      read_cells(rows.size(), table.columns.size());
  std::vector<CellColumn> back(table.columns.size());
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::vector<CellView> cells = views_of(table.columns[c]);
    const CellSelection selection{.count = cells.size(), .cells = &coded_cells, .rows = &rows};
    out.columns.push_back(must(encoder.encode(table.specs[c], ColumnUse::kNew, cells, selection)));
    coded_cells.set(c, table.columns[c]);
    ByteReader in(out.columns.back(), "test");
    const CellSelection reading{.count = cells.size(), .cells = &read_cells, .rows = &rows};
    must(ColumnDecoder(in).decode(table.specs[c], reading, back[c]));
    CHECK(in.at_end());
    CHECK(views_of(back[c]) == cells);
    read_cells.set(c, back[c]);
    ByteReader shown(out.columns.back(), "test");
    std::string tree;
    CellColumn ignored;
    must(ColumnDecoder(shown, &tree).decode(table.specs[c], {.count = cells.size()}, ignored));
    CHECK(shown.at_end());
    CHECK(ignored.size() == cells.size());
    out.trees.push_back(tree);
  }
  return out;
}

bool begins(const std::string& tree, std::string_view word) {
  CAPTURE(tree);
  CHECK(tree.substr(0, word.size()) == word);
  return true;
}

std::string identity(std::int64_t day, std::int64_t order) {
  std::string out;
  write_identity({.area = 330'482, .day = day, .order = order}, out);
  return out;
}

std::string date(std::int64_t day, DateForm form = DateForm::kDashes) {
  std::string out;
  write_date(day, form, out);
  return out;
}

}  // namespace

TEST_CASE("column codes: what an identity number contains costs nothing again") {
  std::mt19937_64 random(7);
  std::vector<std::string> ids, births, sexes, counties;
  for (int i = 0; i < 2'000; ++i) {
    const auto day = static_cast<std::int64_t>(random() % 20'000);
    const auto order = static_cast<std::int64_t>(random() % 1'000);
    ids.push_back(identity(day, order));
    births.push_back(date(day));
    sexes.push_back(order % 2 == 1 ? "男" : "女");
    counties.push_back(ids.back().substr(0, 6));
  }
  Table table;
  add_text(table, "sex", sexes);
  add_text(table, "id", ids);
  add_text(table, "birth", births);
  add_text(table, "county", counties);
  const Coded all = coded(table);
  CHECK(begins(all.trees[1], "identity("));
  CHECK(begins(all.trees[2], "date(from-cell(same"));
  CHECK(all.columns[2].size() < 12);
  CHECK(all.columns[3].size() < 12);  // all the same
  // 14.3 bits of a day, 9 bits of a sequence number whose last bit the sex predicts.
  CHECK(all.columns[1].size() < 2'000 * 24 / 8);
}

TEST_CASE("column codes: a few wrong numbers do not spoil the form of the others") {
  std::mt19937_64 random(6);
  for (const int every : {40, 3'000}) {  // the second kind occurs outside the sample only
    CAPTURE(every);
    std::vector<std::string> ids;
    for (int i = 0; i < 6'000; ++i) {
      ids.push_back(identity(static_cast<std::int64_t>(random() % 20'000),
                             static_cast<std::int64_t>(random() % 1'000)));
      if (i % every == 1'700 % every) ids.back()[17] = 'x';
    }
    Table table;
    add_text(table, "id", ids);
    const Coded all = coded(table);
    CHECK(begins(all.trees[0], "either("));
    CHECK(all.columns[0].size() < 6'000 * 28 / 8);
  }
}

TEST_CASE("column codes: a part of another cell costs only its place") {
  std::vector<std::string> codes, streets;
  for (int i = 0; i < 500; ++i) {
    codes.push_back(std::to_string(330'402'001'001 + i * 7));
    streets.push_back(codes.back().substr(0, 9));
  }
  Table table;
  add_text(table, "code", codes);
  add_text(table, "street", streets);
  const Coded all = coded(table);
  CHECK(all.trees[1] == "part-of-cell()");
}

TEST_CASE("column codes: times, repeats and numbers in texts") {
  std::mt19937_64 random(8);
  std::vector<std::string> times, stamps, addresses, rare;
  std::string address;
  for (int i = 0; i < 1'000; ++i) {
    std::string time;
    write_moment({.day = 20'000 + static_cast<std::int64_t>(random() % 30),
                  .second = static_cast<std::int64_t>(random() % 86'400)},
                 {}, time);
    times.push_back(time);
    time[10] = 'T';
    stamps.push_back(time + "Z");
    if (i % 3 == 0)
      address = "新丰镇竹林村" + std::to_string(i / 90) + "组" + std::to_string(i) + "号";
    addresses.push_back(address);
    rare.push_back(random() % 8 == 0 ? "独居" : "");
  }
  Table table;
  add_text(table, "time", times);
  add_text(table, "stamp", stamps);
  add_text(table, "address", addresses);
  add_text(table, "rare", rare);
  const Coded all = coded(table);
  CHECK(begins(all.trees[0], "moment("));
  CHECK(begins(all.trees[1], "moment("));
  CHECK(all.columns[0].size() < 2'900);  // 4.9 + 16.4 bits
  CHECK(all.columns[2].size() < 250);
  CHECK(begins(all.trees[3], "null-marks("));
}

TEST_CASE("column codes: a column that another one predicts costs next to nothing") {
  std::mt19937_64 random(9);
  std::vector<std::string> towns, clerks;
  for (int i = 0; i < 4'000; ++i) {
    const std::uint64_t town = random() % 20;
    towns.push_back("town " + std::to_string(town));
    clerks.push_back("clerk-0" + std::to_string(10 + town * 4));
  }
  Table table;
  add_text(table, "town", towns);
  add_text(table, "clerk", clerks);
  const Coded all = coded(table);
  CHECK(all.columns[0].size() > 2'000);
  CHECK(all.columns[1].size() < 500);
}

TEST_CASE("column codes: names are characters of an alphabet") {
  std::mt19937_64 random(10);
  const std::vector<std::string> characters{"王", "李", "张", "刘", "陈", "明", "华", "英"};
  std::vector<std::string> names;
  for (int i = 0; i < 3'000; ++i) {
    names.push_back(characters[random() % 5] + characters[random() % 8] + characters[random() % 8]);
  }
  Table table;
  add_text(table, "name", names);
  const Coded all = coded(table);
  CHECK(all.trees[0].find("characters(") != std::string::npos);
  CHECK(all.columns[0].size() < 3'000 * 8.6 / 8);  // 8.32 bits
}

TEST_CASE("column codes: a trial that exceeds its limit stops above it") {
  std::mt19937_64 random(11);
  Numbers numbers;
  for (int i = 0; i < 2'000; ++i) numbers.push_back(static_cast<std::int64_t>(random() % 50));
  NumberModel model;
  fit_range(model, numbers);
  const Items items{.count = numbers.size()};
  const double cost = cost_of_numbers(model, items, nullptr, numbers);
  const auto with_limit = [&](double limit) {
    return cost_of_numbers(model, items, nullptr, numbers, nullptr, limit);
  };
  CHECK(with_limit(cost) == cost);
  CHECK(with_limit(cost / 2) > cost / 2);
  CHECK(with_limit(cost / 2) < cost / 2 + 8);
}

TEST_CASE("column codes: a sample that is like the rest finds the codes of the whole column") {
  std::mt19937_64 random(12);
  std::vector<std::string> dates;
  for (int i = 0; i < 30'000; ++i) {
    dates.push_back(date(static_cast<std::int64_t>(18'000 + random() % 9)));
  }
  Table all, start;
  add_text(all, "day", dates);
  add_text(start, "day", {dates.begin(), dates.begin() + 2'000});  // not more than the sample
  const Coded whole = coded(all), some = coded(start);
  CHECK(whole.trees[0].substr(0, whole.trees[0].find('[')) ==
        some.trees[0].substr(0, some.trees[0].find('[')));
  CHECK(whole.columns[0].size() < 30'000 * 3.2 / 8);  // 3.17 bits
}

TEST_CASE("text forms: only what is written back byte for byte has a form") {
  CHECK(day_of_date("1970-01-02", DateForm::kDashes) == 1);
  CHECK(day_of_date("0000-01-01", DateForm::kDashes) == kFirstDay);
  CHECK(day_of_date("9999-12-31", DateForm::kDashes) == kLastDay);
  CHECK(day_of_date("20240229", DateForm::kPlain).has_value());
  for (const char* wrong : {"2023-02-29", "2023-13-01", "2023-00-10", "2023-1-01", "2023/01/01",
                            "20230101", " 023-01-01", "-023-01-01"}) {
    CAPTURE(wrong);
    CHECK_FALSE(day_of_date(wrong, DateForm::kDashes).has_value());
  }
  for (const char* wrong : {"2023-01-01 24:00:00", "2023-01-01 23:60:00", "2023-01-01 23:59:60",
                            "2023-01-01 23.59:59", "2023-01-01 23:59:59z"}) {
    CAPTURE(wrong);
    const std::optional<TimeForm> form = time_form_of(wrong);
    CHECK_FALSE((form && moment_of(wrong, *form)));
  }
  CHECK(identity_of("330482198004245005").has_value());
  CHECK_FALSE(identity_of("330482198004245006").has_value());  // check digit
  CHECK_FALSE(identity_of("330482198013245005").has_value());
  CHECK_FALSE(identity_of("33048219371230139x").has_value());
}

TEST_CASE("text gaps: a number with a leading zero is no number") {
  const std::optional<TextWithGaps> cut = cut_numbers("3组0号，12-07-1234567890123456789");
  REQUIRE(cut.has_value());
  CHECK(cut->text == "\x01组\x01号，\x01-07-1234567890123456789");
  CHECK(cut->numbers == std::vector<std::int64_t>{3, 0, 12});
  CHECK_FALSE(cut_numbers("a\x01"
                          "b")
                  .has_value());
}

TEST_CASE("column codes: the check characters of a credit code cost nothing") {
  std::mt19937_64 random(16);
  std::vector<std::string> codes;
  std::int64_t number = kDigitCodes + 600'000'000'000;
  for (int i = 0; i < 2'000; ++i) {
    number += static_cast<std::int64_t>(1 + random() % 64);
    std::string& code = codes.emplace_back();
    write_credit_code({.kind = i % 5 == 0 ? 281 : 280, .area = 330'482, .number = number}, code);
    if (i % 500 == 0) code.back() = code.back() == '0' ? '1' : '0';
    CHECK(credit_code_of(code).has_value() == (i % 500 != 0));
  }
  Table table;
  add_text(table, "code", codes);
  const Coded all = coded(table);
  CHECK(all.trees[0].find("credit-code(") != std::string::npos);
  // 6 bits of the number, 0.7 of the kind, and four exceptions.
  CHECK(all.columns[0].size() < 2'000 * 7 / 8 + 200);
}

TEST_CASE("text forms: credit codes, by the worked examples of the standards") {
  // GB 11714: D2143569-X. GB 32100: 91350100M000100Y43.
  CHECK(credit_code_of("91350100M000100Y43").has_value());
  CHECK_FALSE(credit_code_of("91350100M000100Y44").has_value());
  CHECK_FALSE(credit_code_of("91350100M000100143").has_value());
  CHECK_FALSE(credit_code_of("91350100I000100Y43").has_value());
  std::string back;
  write_credit_code(*credit_code_of("91350100M000100Y43"), back);
  CHECK(back == "91350100M000100Y43");
}

TEST_CASE("column codes: a list of phrases is cut into them") {
  std::mt19937_64 random(13);
  std::vector<std::string> phrases, lists;
  for (int i = 0; i < 40; ++i) phrases.push_back("phrase" + std::to_string(random()));
  for (int i = 0; i < 1'500; ++i) {
    std::string list = "items: " + phrases[random() % phrases.size()];
    for (std::size_t more = random() % 6; more > 0; --more) {
      list += "；" + phrases[random() % phrases.size()];
    }
    lists.push_back(list + " (as registered)");
  }
  Table table;
  add_text(table, "scope", lists);
  const Coded all = coded(table);
  CHECK(begins(all.trees[0], "pieces("));
  // 2.6 bits of a count, 3.5 phrases of 5.3 bits each, and the phrases once.
  CHECK(all.columns[0].size() < 1'500 * 24 / 8 + 40 * 12);
}

TEST_CASE("column codes: a name inside another is not written twice") {
  std::mt19937_64 random(14);
  std::vector<std::string> owners, shops;
  for (int i = 0; i < 1'600; ++i) {
    owners.push_back("owner" + std::to_string(random() % 1'000'000'000));
    shops.push_back(i % 3 == 0 ? "shop of nobody" : "shop of " + owners.back() + " and sons");
  }
  Table table;
  add_text(table, "shop", shops);
  add_text(table, "owner", owners);
  CHECK(coding_order(table.columns, 0, 1'600) == std::vector<std::size_t>{1, 0});
  std::swap(table.specs[0], table.specs[1]);
  std::swap(table.columns[0], table.columns[1]);
  const Coded all = coded(table);
  CHECK(begins(all.trees[1], "around-cell("));
  CHECK(all.columns[1].size() < 200);
}

TEST_CASE("row order: members of a household come together") {
  std::mt19937_64 random(11);
  std::vector<std::string> names, households;
  std::vector<std::size_t> shuffled;
  for (std::size_t i = 0; i < 6'000; ++i) shuffled.push_back(i);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  for (const std::size_t i : shuffled) {
    names.push_back("person " + std::to_string(random()));
    households.push_back("household " + std::to_string(i / 3 * 7'919));
  }
  Table table;
  add_text(table, "name", names);
  add_text(table, "household", households);
  CHECK(row_order(table.columns) == std::vector<std::size_t>{1});
  const std::vector<std::uint32_t> rows = sorted_rows(table.columns, row_order(table.columns));
  REQUIRE(rows.size() == 6'000);
  std::size_t changes = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const bool same = households[rows[i]] == households[rows[i - 1]];
    changes += same ? 0 : 1;
    if (same) CHECK(rows[i] > rows[i - 1]);  // equal rows keep their order
  }
  CHECK(changes == 1'999);
}

TEST_CASE("row order: a column with few values does not keep the others from being found") {
  std::mt19937_64 random(15);
  std::vector<std::string> towns, names, households;
  std::vector<std::size_t> shuffled;
  for (std::size_t i = 0; i < 5'000; ++i) shuffled.push_back(i);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  for (const std::size_t i : shuffled) {
    towns.push_back(i == 0 ? "other" : "town");
    names.push_back("person " + std::to_string(random()));
    households.push_back("household " + std::to_string(i / 3 * 7'919));
  }
  Table table;
  add_text(table, "town", towns);
  add_text(table, "name", names);
  add_text(table, "household", households);
  const std::vector<std::size_t> order = row_order(table.columns);
  REQUIRE_FALSE(order.empty());
  CHECK(order.back() == 2);
  CHECK(row_order(table.columns, std::vector<std::size_t>{2}) == std::vector<std::size_t>{2});
}

TEST_CASE("row order: rows that share nothing stay as they are") {
  std::mt19937_64 random(12);
  std::vector<std::string> numbers;
  for (int i = 0; i < 1'000; ++i) numbers.push_back(std::to_string(random()));
  Table table;
  add_text(table, "number", numbers);
  CHECK(row_order(table.columns).empty());
  CHECK(row_order({}).empty());
}

}  // namespace rootlet::test
