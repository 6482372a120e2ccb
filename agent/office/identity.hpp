// Who this office is and how far its enrolment has come, as kept in keys.db. Keys and the request
// made with them are kept before anything is sent, so that a lost answer costs nothing: the same
// request goes out again and gets the same answer.
#pragma once

#include "agent/office/key_store.hpp"
#include "sync/trust/office/invitation.hpp"

namespace rootlet::agent {

enum class EnrolmentState {
  kNone,       // nothing kept yet
  kPending,    // keys and request kept; no answer yet
  kRequested,  // the request was handed out to be carried; the grant will be the answer
  kEnrolled,
};

struct Identity {
  EnrolmentState state = EnrolmentState::kNone;
  std::string invitation_text;
  Invitation invitation;
  SigningKey signing;
  SealingKey sealing;
  Bytes request;  // the enrolment envelope, as sent
};

std::string_view name_of(EnrolmentState state);  // "none", "pending", "requested", "enrolled"

// state kNone with everything else empty if nothing was kept.
Result<Identity> load_identity(KeyStore& keys);

// Makes keys and request for `invitation_text` and keeps them, in one commit, state kPending.
Result<Identity> create_identity(KeyStore& keys, std::string_view invitation_text);

Status save_enrolment_state(KeyStore& keys, EnrolmentState state);

// kNotEnrolled unless the office may speak for itself already (kRequested or kEnrolled).
Status require_enrolled(const Identity& identity);

}  // namespace rootlet::agent
