// The push part of a cycle: sealed batches up, the mailbox down, over any link that carries bytes.
// One batch is sealed only when the one before was received, so that a long time without a link
// ends in few full batches and not in many small ones. Killed anywhere, the next push goes on.
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

// Any status is a response; no connection is kUnreachable.
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
  std::size_t batches_sent = 0;       // that reached the platform and got a signed receipt
  std::size_t batches_resent = 0;     // that the platform asked for again
  std::size_t lines_quarantined = 0;  // forks, and gaps that could not be filled
  std::size_t mail = 0;
  std::size_t accepted = 0, returned = 0;
};

// Seals and sends until nothing waits. `report` counts what was done even if an error ends it:
// kUnreachable (with the server's wish), kUntrusted (an answer that is not the platform's),
// kNotPermitted (the platform does not take this office's batches), storage errors.
Status push_batches(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
                    UnixTime now, PushReport& report);

// Reads and applies new mail until there is none.
Status read_mailbox(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
                    PushReport& report);

// Both; the mailbox is read even if the batches could not go. The first error is returned.
Status push(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
            UnixTime now, PushReport& report);

}  // namespace rootlet
