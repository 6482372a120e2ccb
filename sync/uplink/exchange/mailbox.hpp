// The mail from the platform to one office: the address of the mailbox, and its pages as the
// gateway serves them (docs/FORMATS.md, "Mailbox"). Pure; the mails stay sealed here.
#pragma once

#include <string>
#include <vector>

#include "core/crypto.hpp"

namespace rootlet {

// 32 hexadecimal digits that only the office and the platform know, because the key is not
// published.
std::string mailbox_address(const PublicKey& office_signing_key);
bool is_mailbox_address(std::string_view text);

struct Mail {
  std::uint64_t sequence = 0;  // from 1, without gaps
  Bytes envelope;              // of type "mail"
};
struct MailPage {
  std::vector<Mail> mail;
  bool more = false;
  // mail_mark() of the mail with the number `after` of the request; "" if there is none. If it
  // differs from what the office read, the platform was restored from an older copy, and the office
  // reads from the start.
  std::string seen = {};
};

inline constexpr std::size_t kMailPageItems = 64;
inline constexpr std::size_t kMailPageBytes = 4U
                                              << 20;  // of the JSON; one judgement is 1 MiB at most

// 16 hexadecimal digits of an envelope's hash: enough to notice a difference; not for security.
std::string mail_mark(const Hash256& envelope_hash);

std::string encode_mail_page(const MailPage& page);
Result<MailPage> parse_mail_page(std::string_view text);  // kUntrusted; ascending sequences only

}  // namespace rootlet
