// The upload step of a cycle: sends sealed batches and reads the mailbox, over any transport. Seals
// a batch only after the previous one was received, so that a long time without a link ends in a
// few full batches, not in many small ones. After a kill anywhere the next push continues.
#pragma once

#include <functional>

#include "sync/uplink/outbox/outbox.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet {

struct UplinkResponse {
  int status = 0;
  Bytes body;
  long retry_after_seconds = 0;
};

// Returns a response for every HTTP status; kUnreachable for no connection.
class UplinkTransport {
 public:
  virtual ~UplinkTransport() = default;
  virtual Result<UplinkResponse> post_batch(ByteView envelope) = 0;
  virtual Result<UplinkResponse> fetch_mail(const std::string& address, std::uint64_t after) = 0;
};

// The gateway of a realm over HTTP; `client` must outlive it.
class HttpUplink final : public UplinkTransport {
 public:
  HttpUplink(HttpTransport& client, std::string gateway_url)
      : client_(client), gateway_url_(std::move(gateway_url)) {}
  Result<UplinkResponse> post_batch(ByteView envelope) override;
  Result<UplinkResponse> fetch_mail(const std::string& address, std::uint64_t after) override;

 private:
  HttpTransport& client_;
  std::string gateway_url_;
};

struct PushReport {
  std::size_t records_sealed = 0;
  std::size_t batches_sent = 0;       // with a signed receipt
  std::size_t batches_resent = 0;     // requested again by the platform
  std::size_t lines_quarantined = 0;  // forks and unfillable gaps
  std::size_t batches_refused = 0;    // by the link, for their size
  bool is_answered = false;           // a gateway or a proxy has answered
  std::size_t mail = 0;
  std::size_t accepted = 0, returned = 0;
};

// Seals and sends until nothing waits. `report` counts finished work even on error: kUnreachable
// (with the server's Retry-After), kUntrusted (the answer is not from the platform), kNotPermitted
// (the platform does not accept batches of this office; each is offered all the same, because the
// platform keeps those of a revoked one), storage errors. A batch that the link
// refuses for its size is no error: its records travel in smaller ones, and one that is too large
// even alone is held (OutboxCounts::too_large).
Status push_batches(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
                    UnixTime now, PushReport& report);

// Reads and applies all new mail. `now` as in Outbox::apply_mail.
Status read_mailbox(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
                    PushReport& report, UnixTime now = {});

// Both; reads the mailbox even if sending failed. Returns the first error.
Status push(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
            UnixTime now, PushReport& report);

}  // namespace rootlet
