// Which pager shows long output, and when none does.
#include "config/output/pager.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;

TEST_CASE("pager: our own variable, then the usual one, then less") {
  CHECK(pager_command("most", "more") == "most");
  CHECK(pager_command(nullptr, "more -s") == "more -s");
  CHECK(pager_command(nullptr, nullptr).find("less") != std::string::npos);
}

TEST_CASE("pager: an empty value or cat turns it off") {
  CHECK(pager_command("", "more").empty());
  CHECK(pager_command("cat", nullptr).empty());
  CHECK(pager_command(nullptr, "").empty());
}
