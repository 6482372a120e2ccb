// Mailbox addresses and pages (docs/FORMATS.md, "Mailbox"). A page is untrusted: each envelope in
// it is verified when opened.
#include "sync/uplink/exchange/mailbox.hpp"

#include <algorithm>

#include "core/format/json.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

Result<MailPage> parse_strictly(std::string_view text) {
  ROOTLET_TRY(const json::value document, parse_json(text, "mailbox"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "mailbox"));
  ROOTLET_TRY(const json::array* items, object.array("mail", kMailPageItems));
  MailPage page;
  std::uint64_t last = 0;
  for (const json::value& item : *items) {
    ROOTLET_TRY(JsonObject mail, JsonObject::from(item, "mailbox", "mail"));
    ROOTLET_TRY(const std::int64_t sequence, mail.integer("sequence", 1, INT64_MAX));
    ROOTLET_TRY(Bytes envelope, mail.base64("envelope", kMailPageBytes));
    ROOTLET_TRY(mail.finish());
    if (static_cast<std::uint64_t>(sequence) <= last) return mail.error("sequence", "goes back");
    last = static_cast<std::uint64_t>(sequence);
    page.mail.push_back({last, std::move(envelope)});
  }
  ROOTLET_TRY(page.more, object.boolean("more"));
  ROOTLET_TRY(page.seen, object.text("seen", 32));
  ROOTLET_TRY(object.finish());
  return page;
}

}  // namespace

std::string mailbox_address(const PublicKey& office_signing_key) {
  constexpr std::string_view kDomain = "rootlet mailbox v1";
  Bytes bytes = to_bytes(kDomain);
  bytes.push_back(0);
  bytes.insert(bytes.end(), office_signing_key.begin(), office_signing_key.end());
  return to_hex(ByteView(blake2b(bytes)).first(16));
}

bool is_mailbox_address(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string mail_mark(const Hash256& envelope_hash) {
  return to_hex(ByteView(envelope_hash).first(8));
}

std::string encode_mail_page(const MailPage& page) {
  json::array items;
  for (const Mail& mail : page.mail) {
    items.push_back({{"sequence", mail.sequence}, {"envelope", to_base64(mail.envelope)}});
  }
  return json::serialize(
      json::object{{"mail", std::move(items)}, {"more", page.more}, {"seen", page.seen}});
}

Result<MailPage> parse_mail_page(std::string_view text) {
  if (text.size() > kMailPageBytes) {
    return fail(ErrorCode::kUntrusted, "mailbox: longer than kMailPageBytes");
  }
  Result<MailPage> page = parse_strictly(text);
  if (page.has_error()) return fail(ErrorCode::kUntrusted, page.error().message);
  return page;
}

}  // namespace rootlet
