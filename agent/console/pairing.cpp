// keys.db holds the browsers as the fact "paired_browsers", a JSON list.
#include "agent/console/pairing.hpp"

#include <algorithm>

#include "agent/console/session_table.hpp"
#include "core/crypto.hpp"
#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/visible_text.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kFact = "paired_browsers";
// Without letters and digits that look alike: 31 of them, so 8 give 40 bits.
constexpr std::string_view kCodeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
constexpr std::size_t kCodeLength = 8;

// Uniform: bytes beyond the last whole multiple are drawn again.
std::string random_code() {
  std::string code;
  const std::size_t fair = 256 / kCodeLetters.size() * kCodeLetters.size();
  while (code.size() < kCodeLength) {
    for (const std::uint8_t byte : random_bytes(kCodeLength)) {
      if (byte < fair && code.size() < kCodeLength)
        code += kCodeLetters[byte % kCodeLetters.size()];
    }
  }
  return code;
}

// As a person may type it: in any case, with blanks and hyphens.
std::string plain_code(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-' || c == ' ') continue;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

Hash256 secret_hash(std::string_view secret) {
  return sha256(as_bytes(secret));
}

json::object to_json(const PairedBrowser& browser) {
  return {{"name", browser.name},
          {"role", name_of(browser.role)},
          {"secret", to_hex(browser.secret)},
          {"paired", format_time(browser.paired)},
          {"until", format_time(browser.until)}};
}

Result<PairedBrowser> parse_browser(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "keys.db: paired browser"));
  PairedBrowser browser;
  ROOTLET_TRY(browser.name, object.text("name"));
  ROOTLET_TRY(const std::string role, object.text("role"));
  ROOTLET_TRY(browser.role, role_named(role));
  ROOTLET_TRY(const std::string secret, object.text("secret"));
  ROOTLET_TRY(browser.secret, hash_from_hex(secret));
  ROOTLET_TRY(const std::string paired, object.text("paired"));
  ROOTLET_TRY(browser.paired, parse_time(paired));
  ROOTLET_TRY(const std::string until, object.text("until"));
  ROOTLET_TRY(browser.until, parse_time(until));
  return browser;
}

Result<std::vector<PairedBrowser>> load(KeyStore& keys) {
  ROOTLET_TRY(const std::optional<Bytes> fact, keys.fact(kFact));
  std::vector<PairedBrowser> out;
  if (!fact) return out;
  ROOTLET_TRY(const json::value value, parse_json(as_text(*fact), "keys.db: paired browsers"));
  if (!value.is_array()) return fail(ErrorCode::kStorageDamaged, "keys.db: paired browsers");
  for (const json::value& one : value.get_array()) {
    ROOTLET_TRY(PairedBrowser browser, parse_browser(one));
    out.push_back(std::move(browser));
  }
  return out;
}

Status save(KeyStore& keys, const std::vector<PairedBrowser>& browsers) {
  json::array list;
  for (const PairedBrowser& browser : browsers) list.push_back(to_json(browser));
  return keys.save_fact(kFact, as_bytes(json::serialize(list)));
}

bool has_name(const std::vector<PairedBrowser>& browsers, const std::string& name) {
  return std::ranges::find(browsers, name, &PairedBrowser::name) != browsers.end();
}

Status check_name(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= limits::kNameBytes && is_utf8(name) &&
                    visible_text(name) == name;
  if (fits) return ok();
  return bad_input(
      "a person's name has 1 to " + std::to_string(limits::kNameBytes) + " bytes of visible text",
      "name");
}

Error refused_code(std::string message, Text hint) {
  return Error(ErrorCode::kNoAccess, std::move(message), "code", std::move(hint));
}

Error unknown_code() {
  return refused_code("there is no such pairing code, or it is older than 10 minutes",
                      {.en = "Check the letters, or ask IT for a new code.",
                       .zh = "配对码不正确或已过期。请核对，或请信息管理人员重新生成。"});
}

}  // namespace

Result<Role> role_named(std::string_view name) {
  for (const Role role : {Role::kClerk, Role::kOperator, Role::kAuditor}) {
    if (name_of(role) == name) return role;
  }
  return bad_input("'" + std::string(name) + "' is none of clerk, operator, auditor", "role");
}

Result<std::string> Pairings::make_code(KeyStore& keys, const std::string& name, Role role,
                                        std::chrono::days valid, Time now, UnixTime wall) {
  ROOTLET_TRY(check_name(name));
  const std::lock_guard lock(mutex_);
  ROOTLET_TRY(std::vector<PairedBrowser> browsers, load(keys));
  std::erase_if(browsers, [&](const PairedBrowser& one) { return one.until <= wall; });
  if (has_name(browsers, name)) {
    return bad_input("a browser is paired under the name '" + name + "'", "name",
                     {.en = "Unpair it first: rootlet console unpair " + name,
                      .zh = "请先解除配对：rootlet console unpair " + name});
  }
  std::erase_if(codes_, [&](const Code& one) {
    return now - one.made > limits::kPairingCodeTime || one.browser.name == name;
  });
  const bool full = codes_.size() >= limits::kPairingCodes ||
                    browsers.size() + codes_.size() >= limits::kPairedBrowsers;
  if (full) return fail(ErrorCode::kBusy, "too many browsers are paired or wait for their code");
  if (codes_.empty()) wrong_ = 0;
  codes_.push_back({.text = random_code(),
                    .browser = {.name = name, .role = role},
                    .valid = valid,
                    .made = now});
  const std::string& code = codes_.back().text;
  return code.substr(0, 4) + "-" + code.substr(4);
}

Result<Pairings::Paired> Pairings::redeem(KeyStore& keys, std::string_view code, Time now,
                                          UnixTime wall) {
  const std::lock_guard lock(mutex_);
  std::erase_if(codes_, [&](const Code& one) { return now - one.made > limits::kPairingCodeTime; });
  const auto found = std::ranges::find(codes_, plain_code(code), &Code::text);
  if (found == codes_.end()) {
    if (codes_.empty() || ++wrong_ < limits::kPairingAttempts) return unknown_code();
    codes_.clear();
    return refused_code("too many wrong pairing codes: all waiting codes are void",
                        {.en = "Ask IT for a new code: rootlet console pair NAME",
                         .zh = "错误次数过多，所有待用配对码已作废。请信息管理人员重新生成。"});
  }
  Paired paired{.secret = random_token(), .browser = found->browser};
  paired.browser.secret = secret_hash(paired.secret);
  paired.browser.paired = wall;
  paired.browser.until = wall + found->valid;
  ROOTLET_TRY(std::vector<PairedBrowser> browsers, load(keys));
  std::erase_if(browsers, [&](const PairedBrowser& one) {
    return one.until <= wall || one.name == paired.browser.name;
  });
  browsers.push_back(paired.browser);
  ROOTLET_TRY(save(keys, browsers));
  codes_.erase(found);
  return paired;
}

Result<std::optional<PairedBrowser>> Pairings::find(KeyStore& keys, std::string_view secret,
                                                    UnixTime wall) {
  ROOTLET_TRY(const std::vector<PairedBrowser> browsers, load(keys));
  const Hash256 hash = secret_hash(secret);
  for (const PairedBrowser& one : browsers) {
    if (one.secret == hash && wall < one.until) return std::optional(one);
  }
  return std::optional<PairedBrowser>();
}

Result<std::vector<PairedBrowser>> Pairings::list(KeyStore& keys) {
  return load(keys);
}

Status Pairings::remove(KeyStore& keys, const std::string& name) {
  const std::lock_guard lock(mutex_);
  ROOTLET_TRY(std::vector<PairedBrowser> browsers, load(keys));
  const std::size_t waiting =
      std::erase_if(codes_, [&](const Code& one) { return one.browser.name == name; });
  const std::size_t removed =
      std::erase_if(browsers, [&](const PairedBrowser& one) { return one.name == name; });
  if (removed + waiting == 0) {
    return bad_input(
        "no browser is paired under the name '" + name + "'", "name",
        {.en = "rootlet console list shows the names.", .zh = "名称见 rootlet console list。"});
  }
  return save(keys, browsers);
}

}  // namespace rootlet::agent
