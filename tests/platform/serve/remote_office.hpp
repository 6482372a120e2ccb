// An office as the gateway sees it: its keys and the bytes that it sends.
#pragma once

#include "core/format/json.hpp"
#include "platform/office/membership.hpp"
#include "sync/trust/office/enrolment.hpp"
#include "sync/trust/office/envelope.hpp"
#include "sync/trust/office/invitation.hpp"
#include "tests/realm/world/realm.hpp"

namespace rootlet::test {

class RemoteOffice {
 public:
  RemoteOffice(LiveRealm& live, const std::string& id)
      : id_(id),
        invitation_(must(parse_invitation(
            must(platform::invite_office(
                live.realm(), {.id = id, .division = "330402001", .name = id}, live.clock.wall())),
            "invitation"))) {}

  Bytes enrolment() const { return enrolment_with(invitation_.token); }
  Bytes enrolment_with(const Bytes& token) const {
    return sealed_request(encode_enrolment_request({.token = token,
                                                    .signing_key = signing_.public_key,
                                                    .sealing_key = sealing_.public_key,
                                                    .agent_version = "test"}),
                          token);
  }
  // An enrolment request of any text.
  Bytes sealed_request(std::string_view request) const {
    return sealed_request(request, invitation_.token);
  }
  Bytes sealed_request(std::string_view request, const Bytes& token) const {
    return seal_envelope(enrolment_header(invitation_.realm_id, id_, token), as_bytes(request),
                         signing_, invitation_.keys.enrolment);
  }
  // The next batch of its chain, of `bytes` zeros: the gateway opens none.
  Bytes batch(std::size_t bytes) const { return batch_of(Bytes(bytes)); }
  Bytes batch_of(ByteView content) const {
    return seal_envelope({.type = "batch",
                          .realm = invitation_.realm_id,
                          .from = id_,
                          .to = "platform",
                          .chain = "c",
                          .sequence = next_,
                          .previous = previous_},
                         content, signing_, invitation_.keys.ingest);
  }
  // After a receipt for `envelope`.
  void received(const Bytes& envelope) {
    previous_ = envelope_hash(envelope);
    next_ += 1;
  }

 private:
  std::string id_;
  Invitation invitation_;
  SigningKey signing_ = SigningKey::generate();
  SealingKey sealing_ = SealingKey::generate();
  std::uint64_t next_ = 1;
  Hash256 previous_{};
};

}  // namespace rootlet::test
