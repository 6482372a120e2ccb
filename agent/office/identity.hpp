// The office's identity and the state of its enrolment, saved in keys.db. The agent saves its keys
// and its request before it sends anything, so that a lost answer does no harm: it sends the same
// request again and gets the same answer.
//
// A machine whose office was invited again (`office reinvite`) makes a second identity, the
// successor. It replaces the first when the platform has accepted it, and not before.
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

enum class IdentitySlot { kCurrent, kSuccessor };

struct Identity {
  IdentitySlot slot = IdentitySlot::kCurrent;
  EnrolmentState state = EnrolmentState::kNone;
  Invitation invitation = {};
  ServiceKeys service_keys = {};  // as the platform last signed them, else as invited
  SigningKey signing = {};
  SealingKey sealing = {};
  Bytes request = {};  // the enrolment envelope, as sent
};

std::string_view name_of(EnrolmentState state);  // "none", "pending", "requested", "enrolled"

// State kNone and all else empty if nothing is saved. kStorageDamaged if a part is missing.
Result<Identity> load_identity(KeyStore& keys, IdentitySlot slot = IdentitySlot::kCurrent);

// Generates keys and the request for `invitation`. Saves all in one commit, state kPending, in
// place of what the slot held.
Result<Identity> create_identity(KeyStore& keys, const Invitation& invitation,
                                 IdentitySlot slot = IdentitySlot::kCurrent);

Status save_enrolment_state(KeyStore& keys, EnrolmentState state,
                            IdentitySlot slot = IdentitySlot::kCurrent);

// The successor, which must be saved, becomes the current identity, with state kEnrolled.
Status promote_successor(KeyStore& keys);

// The keys as verified metadata names them now.
Status save_service_keys(KeyStore& keys, Identity& identity, const ServiceKeys& service_keys);

// Whether the office may have data or records: the state is kRequested or kEnrolled.
bool has_joined(const Identity& identity);

// Takes names and addresses from another copy of the same invitation, while there is no answer yet.
Status correct_addresses(KeyStore& keys, Identity& identity, const Invitation& invitation);

// kNotEnrolled unless the state is kRequested or kEnrolled.
Status require_enrolled(const Identity& identity);

}  // namespace rootlet::agent
