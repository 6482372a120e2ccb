// The invitation with which one machine joins a realm once (docs/FORMATS.md, "Invitation"): the
// platform writes it, the agent reads it. Pure.
#pragma once

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "sync/trust/office/directory_keys.hpp"
#include "sync/trust/office/service_keys.hpp"

namespace rootlet {

inline constexpr std::size_t kInvitationTokenBytes = 32;

struct Invitation {
  std::string realm_id, realm_name;
  std::string office_id, office_division, office_name;
  std::string url;             // gateway and, unless the next is set, repository
  std::string repository_url;  // may be empty
  Bytes token;                 // kInvitationTokenBytes, good for one enrolment
  UnixTime expires{};
  std::string root;              // the exact text of the root metadata to trust first
  DirectoryKeys directory_keys;  // the nodes from the root to the division, and the catalogue
  ServiceKeys keys;              // as they were when the invitation was made
  std::string ca_pem;            // may be empty
};

// Whether both let the same machine join once: realm, office, token and keys are the same. The
// addresses and names may differ, because an operator may correct them in the file.
bool is_same_invitation(const Invitation& a, const Invitation& b);

// JSON text, one key per line. Leaves out an empty `repository_url` and `ca_pem`.
std::string encode_invitation(const Invitation& invitation);
// Strict: an unknown key, and a field that is not usable, is an error that names it. `what` names
// the file in errors, all kBadInput.
Result<Invitation> parse_invitation(std::string_view text, std::string_view what);

// The base URL of the published files.
inline const std::string& repository_of(const Invitation& invitation) {
  return invitation.repository_url.empty() ? invitation.url : invitation.repository_url;
}

}  // namespace rootlet
