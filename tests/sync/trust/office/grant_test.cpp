// Grant files: whole and exact, or rejected.
#include "sync/trust/office/grant.hpp"

#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::code_of;
using test::must;

GrantFile a_file() {
  GrantFile file;
  file.office = "xinfeng";
  file.version = 12;
  file.issued = must(parse_time("2026-11-21T08:00:00Z"));
  file.grants.push_back(Grant{.dataset = "villages",
                              .divisions = {"3304", "33"},
                              .max_grade = 3,
                              .basis = "809 Art. 20",
                              .scenario = "低保初审",
                              .purposes = {"address-lookup"},
                              .mode = "full",
                              .until = must(parse_time("2027-11-21T08:00:00Z")),
                              .lease_days = 30,
                              .may_export = true,
                              .approver = "县数据局"});
  file.keys.push_back(ContentKey{
      .stream = {"villages", "3304"}, .grade = 3, .epoch = 2, .key = SymmetricKey::random()});
  return file;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("grant: a grant file parses back as encoded") {
  const GrantFile file = a_file();
  const GrantFile back = must(parse_grant_file(encode_grant_file(file)));
  CHECK(encode_grant_file(back) == encode_grant_file(file));
  CHECK(back.version == 12);
  CHECK(!back.revoked);
  CHECK(!back.suspended);
  REQUIRE(back.for_dataset("villages") != nullptr);
  CHECK(back.for_dataset("villages")->scenario == "低保初审");
  CHECK(back.for_dataset("villages")->may_export);
  CHECK(back.for_dataset("roster") == nullptr);
  const std::optional<SymmetricKey> key = back.key_for({"villages", "3304"}, 3, 2);
  REQUIRE(key.has_value());
  CHECK(*key == file.keys[0].key);
  CHECK(!back.key_for({"villages", "3304"}, 3, 1).has_value());
  CHECK(!back.key_for({"villages", "3304"}, 2, 2).has_value());
  CHECK(!back.key_for({"villages", "3305"}, 3, 2).has_value());
}

TEST_CASE("grant: two datasets may be joined only if each grant names the other") {
  GrantFile file = a_file();
  CHECK(encode_grant_file(file).find("join") == std::string::npos);
  Grant roster = file.grants[0];
  roster.dataset = "roster";
  roster.join = {"villages"};
  CHECK_FALSE(may_join(roster, file.grants[0]));
  CHECK_FALSE(may_join(file.grants[0], roster));
  file.grants[0].join = {"wages", "roster"};
  CHECK(may_join(roster, file.grants[0]));
  CHECK(may_join(file.grants[0], roster));
  CHECK(may_join(roster, roster));
  const GrantFile back = must(parse_grant_file(encode_grant_file(file)));
  CHECK(back.grants[0].join == file.grants[0].join);
}

TEST_CASE("grant: a key that opens more than the grants name is refused with the whole file") {
  const auto with_key = [](const StreamName& stream, Grade grade, std::string_view mode = "full") {
    GrantFile file = a_file();
    file.grants[0].mode = std::string(mode);
    file.keys.clear();
    file.keys.push_back(
        ContentKey{.stream = stream, .grade = grade, .epoch = 1, .key = SymmetricKey::random()});
    return parse_grant_file(encode_grant_file(file));
  };
  CHECK(with_key({"villages", "33"}, 3).has_value());
  CHECK(with_key({"villages", "330402"}, 1).has_value());
  CHECK(with_key({"villages", "33"}, 1, "masked").has_value());
  CHECK(with_key({"villages", "33"}, 3, "verify").has_value());
  CHECK(code_of(with_key({"villages", "34"}, 1)) == ErrorCode::kUntrusted);   // a division
  CHECK(code_of(with_key({"villages", "all"}, 1)) == ErrorCode::kUntrusted);  // all of them
  CHECK(code_of(with_key({"villages", "33"}, 4)) == ErrorCode::kUntrusted);   // a grade
  CHECK(code_of(with_key({"roster", "33"}, 1)) == ErrorCode::kUntrusted);     // a dataset
  CHECK(code_of(with_key({"villages", "33"}, 3, "masked")) == ErrorCode::kUntrusted);  // a value
  CHECK(code_of(with_key({"villages", "33"}, 1, "none")) == ErrorCode::kUntrusted);    // anything
}

TEST_CASE("grant: its terms are bound into the file, and limits are kept by the reader too") {
  GrantFile file = a_file();
  const UnixTime since = must(parse_time("2026-11-21T08:00:00Z"));
  Grant& grant = file.grants[0];
  grant.emergency = Emergency{.reason = "flood", .since = since};
  grant.until = since + kEmergencyLife;
  grant.caps = {.rows = 40, .exports = 2};
  file.settled_loss = std::string(32, 'a');
  const GrantFile back = must(parse_grant_file(encode_grant_file(file)));
  CHECK(back.grants[0].emergency == grant.emergency);
  CHECK(back.grants[0].caps == grant.caps);
  CHECK(back.settled_loss == file.settled_loss);
  grant.until += std::chrono::seconds(1);
  CHECK(code_of(parse_grant_file(encode_grant_file(file))) == ErrorCode::kUntrusted);
  grant.until = since;
  grant.caps.rows = kLargestCaps.rows + 1;
  CHECK(code_of(parse_grant_file(encode_grant_file(file))) == ErrorCode::kUntrusted);
  grant.caps = {};
  grant.mode = "all";
  CHECK(code_of(parse_grant_file(encode_grant_file(file))) == ErrorCode::kUntrusted);
}

TEST_CASE("grant: any mistake is not trusted, and the message names the place") {
  const std::string good = encode_grant_file(a_file());
  const auto refused = [](const std::string& text, std::string_view place) {
    const Result<GrantFile> file = parse_grant_file(text);
    CAPTURE(text);
    REQUIRE(file.has_error());
    CHECK(file.error().code == ErrorCode::kUntrusted);
    CHECK(file.error().message.find(place) != std::string::npos);
  };
  refused("", "JSON");
  refused(replaced(good, "\"version\":12", "\"version\":0"), "version");
  refused(replaced(good, "\"suspended\":false", "\"suspended\":0"), "suspended");
  refused(replaced(good, "\"suspended\":false", "\"suspended\":false,\"revoked\":0"), "revoked");
  refused(replaced(good, "\"max_grade\":3", "\"max_grade\":5"), "grants[0].max_grade");
  refused(replaced(good, "\"mode\":\"full\"", "\"mode\":\"open\""), "mode");
  refused(replaced(good, "\"3304\",\"33\"", "\"33041\""), "divisions");
  refused(replaced(good, "2027-11-21", "2027-13-21"), "until");
  refused(replaced(good, "\"export\":true", "\"export\":true,\"more\":1"), "more");
  refused(replaced(good, "\"epoch\":2", "\"epoch\":0"), "keys[0].epoch");
  refused(replaced(good, "\"key\":\"", "\"key\":\"AA"), "key");
}

TEST_CASE("grant: one dataset has one grant, one stream one key per grade and epoch") {
  GrantFile twice = a_file();
  twice.grants.push_back(twice.grants[0]);
  CHECK(code_of(parse_grant_file(encode_grant_file(twice))) == ErrorCode::kUntrusted);
  GrantFile keys = a_file();
  keys.keys.push_back(ContentKey{
      .stream = {"villages", "3304"}, .grade = 3, .epoch = 2, .key = SymmetricKey::random()});
  CHECK(code_of(parse_grant_file(encode_grant_file(keys))) == ErrorCode::kUntrusted);
}

TEST_CASE("grant: divisions are prefixes, and only \"all\" covers the whole") {
  Grant grant;
  grant.divisions = {"3304", "11"};
  CHECK(grant_covers(grant, "3304"));
  CHECK(grant_covers(grant, "330482"));
  CHECK(grant_covers(grant, "110105"));
  CHECK(!grant_covers(grant, "3305"));
  CHECK(!grant_covers(grant, "33"));
  CHECK(!grant_covers(grant, "all"));
  grant.divisions = {"all"};
  CHECK(grant_covers(grant, "all"));
  CHECK(grant_covers(grant, "3305"));
  grant.divisions = {};
  CHECK(!grant_covers(grant, "33"));
}

}  // namespace
}  // namespace rootlet
