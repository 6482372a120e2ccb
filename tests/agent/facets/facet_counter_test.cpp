#include "agent/facets/facet_counter.hpp"

#include "core/local_limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;

namespace {

CellView text(std::string_view value) {
  return {.kind = CellView::Kind::kText, .text = value};
}

CellView integer(std::int64_t value) {
  return {.kind = CellView::Kind::kInteger, .integer = value};
}

}  // namespace

TEST_CASE("facet: the most frequent value first, no value is counted too") {
  FacetCounter counter;
  for (const char* value : {"b", "a", "b", "c", "a"}) counter.add(text(value));
  counter.add({});
  const std::vector<ValueCount> counts = counter.counts();
  REQUIRE(counts.size() == 4);
  CHECK(counts[0].value.text == "a");
  CHECK(counts[0].count == 2);
  CHECK(counts[1].value.text == "b");
  CHECK(counts[2].value.kind == CellView::Kind::kNull);
  CHECK_FALSE(counter.is_unique());
}

TEST_CASE("facet: a column with too many or too long values has none, and takes no more memory") {
  FacetCounter counter;
  for (std::size_t i = 0; i < limits::kFacetValues; ++i) {
    counter.add(integer(static_cast<std::int64_t>(i)));
  }
  CHECK_FALSE(counter.has_too_many());
  CHECK(counter.is_unique());
  CHECK(counter.counts().size() == limits::kFacetValues);
  counter.add(integer(-1));
  CHECK(counter.has_too_many());
  CHECK(counter.counts().empty());
  FacetCounter remarks;
  remarks.add(text(std::string(limits::kFacetValueBytes + 1, 'x')));
  CHECK(remarks.has_too_many());
}
