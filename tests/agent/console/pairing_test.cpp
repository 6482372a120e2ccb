// Pairing the browsers of the office's network.
#include "agent/console/pairing.hpp"

#include "core/local_limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;
using namespace std::chrono_literals;

namespace {

KeyStore opened(const Home& home) {
  must(home.prepare());
  return must(KeyStore::open(home, must(make_machine_key(home))));
}

struct Setup {
  TempDir folder;
  Home home{folder / "home"};
  KeyStore keys = opened(home);
  Pairings pairings;
  UnixTime wall{1'790'000'000s};

  std::string code(const std::string& name, Pairings::Time now = 0s) {
    return must(pairings.make_code(keys, name, Role::kClerk, std::chrono::days(30), now, wall));
  }
  Result<Pairings::Paired> redeem(std::string_view code, Pairings::Time now = 1s) {
    return pairings.redeem(keys, code, now, wall);
  }
};

}  // namespace

TEST_CASE("pairing: a code pairs one browser once, and its secret names the person again") {
  Setup setup;
  const std::string code = setup.code("王小明");
  CHECK(code.size() == 9);
  CHECK(code[4] == '-');
  const Pairings::Paired paired = must(setup.redeem(code));
  CHECK(paired.browser.name == "王小明");
  CHECK(code_of(setup.redeem(code)) == ErrorCode::kNoAccess);
  const auto found = must(setup.pairings.find(setup.keys, paired.secret, setup.wall));
  REQUIRE(found);
  CHECK(found->name == "王小明");
  CHECK(found->role == Role::kClerk);
  CHECK_FALSE(must(setup.pairings.find(setup.keys, "another", setup.wall)));
  // keys.db holds a hash, not what the browser keeps.
  const auto fact = must(setup.keys.fact("paired_browsers"));
  CHECK(as_text(*fact).find(paired.secret) == std::string_view::npos);
}

TEST_CASE("pairing: a code may be typed in small letters, with blanks or without a hyphen") {
  Setup setup;
  std::string code = setup.code("li");
  for (char& c : code) c = static_cast<char>(std::tolower(c));
  code[4] = ' ';
  CHECK(setup.redeem(code).has_value());
}

TEST_CASE("pairing: a code is void after ten minutes") {
  Setup setup;
  const std::string code = setup.code("li");
  CHECK(code_of(setup.redeem(code, limits::kPairingCodeTime + 1ms)) == ErrorCode::kNoAccess);
}

TEST_CASE("pairing: after some wrong codes all waiting codes are void") {
  Setup setup;
  const std::string code = setup.code("li");
  for (int i = 0; i < limits::kPairingAttempts; ++i) {
    CHECK(code_of(setup.redeem("AAAA-AAAA")) == ErrorCode::kNoAccess);
  }
  CHECK(code_of(setup.redeem(code)) == ErrorCode::kNoAccess);
  CHECK(setup.redeem(setup.code("li", 2s), 3s).has_value());
}

TEST_CASE("pairing: it ends with its time, and at once when the browser is unpaired") {
  Setup setup;
  const Pairings::Paired paired = must(setup.redeem(setup.code("li")));
  CHECK_FALSE(must(setup.pairings.find(setup.keys, paired.secret, setup.wall + 24h * 30)));
  must(setup.pairings.remove(setup.keys, "li"));
  CHECK_FALSE(must(setup.pairings.find(setup.keys, paired.secret, setup.wall)));
  CHECK(code_of(setup.pairings.remove(setup.keys, "li")) == ErrorCode::kBadInput);
}

TEST_CASE("pairing: one browser per name; the refusal says how to unpair the other") {
  Setup setup;
  must(setup.redeem(setup.code("li")));
  const auto again = setup.pairings.make_code(setup.keys, "li", Role::kClerk, std::chrono::days(1),
                                              2s, setup.wall);
  REQUIRE(again.has_error());
  CHECK(again.error().hint.en.find("unpair li") != std::string::npos);
  for (const char* name : {"", "a\nb"}) {
    CHECK(code_of(setup.pairings.make_code(setup.keys, name, Role::kClerk, std::chrono::days(1), 2s,
                                           setup.wall)) == ErrorCode::kBadInput);
  }
}
