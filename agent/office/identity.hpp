// The office's identity and the state of its enrolment, saved in keys.db. The agent saves its keys
// and its request before it sends anything, so that a lost answer does no harm: it sends the same
// request again and gets the same answer.
#pragma once

#include "agent/office/key_store.hpp"
#include "sync/trust/office/invitation.hpp"

namespace rootlet::agent {

enum class EnrolmentState {
  kNone,       // nothing saved yet
  kPending,    // keys and request saved; no answer yet
  kRequested,  // the request was exported to a file; the first grant will be the answer
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

// State kNone and all else empty if nothing is saved.
Result<Identity> load_identity(KeyStore& keys);

// Generates keys and the request for `invitation_text`. Saves all in one commit, state kPending.
Result<Identity> create_identity(KeyStore& keys, std::string_view invitation_text);

Status save_enrolment_state(KeyStore& keys, EnrolmentState state);

// kNotEnrolled unless the state is kRequested or kEnrolled.
Status require_enrolled(const Identity& identity);

}  // namespace rootlet::agent
