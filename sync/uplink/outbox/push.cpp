// Sends sealed batches first, then seals the next batch, until nothing waits. Keeps no state of its
// own: every step reads the outbox, so a kill anywhere costs one request.
#include "sync/uplink/outbox/push.hpp"

#include "core/format/json.hpp"
#include "core/format/json_values.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

// Repeating does not help with a platform that answers with gaps or forks again and again.
constexpr std::size_t kMostDetours = 8;
// Each refusal for size at least lowers the limit; the rest is tried in the next cycle.
constexpr std::size_t kMostRefusals = 16;
constexpr std::size_t kMostReasonBytes = 300;  // two sentences; a longer text is not for people

std::string text_of(const UplinkResponse& response) {
  return std::string(as_text(response.body));
}

// The words of an answer {"error", "message"}, after a colon; "" if there are none.
std::string reason_in(const UplinkResponse& response) {
  const Result<json::value> body = parse_json(as_text(response.body), "answer");
  if (body.has_error() || !body.value().is_object()) return "";
  const std::string words = text_at(body.value().get_object(), "message");
  return words.empty() || words.size() > kMostReasonBytes ? "" : ": " + words;
}

// Interprets the status of an answer without a statement.
Error error_of_status(std::string_view what, const UplinkResponse& response) {
  const std::string message = std::string(what) + ": the gateway answered " +
                              std::to_string(response.status) + reason_in(response);
  if (response.status == 401 || response.status == 403) {
    return fail(ErrorCode::kNotPermitted, message);
  }
  Error error = fail(ErrorCode::kUnreachable, message);
  error.retry_after_seconds = response.retry_after_seconds;
  return error;
}

Status make_smaller(Outbox& outbox, const PendingBatch& batch, const UplinkResponse& response,
                    UnixTime now, PushReport& report) {
  const bool is_about_size = batch.envelope.size() > limits::kSmallestRefusedBatch;
  if (!is_about_size || report.batches_refused >= kMostRefusals) {
    return error_of_status("send batch of " + std::to_string(batch.envelope.size()) + " bytes",
                           response);
  }
  report.batches_refused += 1;
  return outbox.note_too_large(batch, now);
}

Status send_one(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
                const PendingBatch& batch, UnixTime now, PushReport& report, std::size_t& detours) {
  ROOTLET_TRY(const UplinkResponse response, transport.post_batch(batch.envelope));
  report.is_answered = true;
  if (response.status == 413) return make_smaller(outbox, batch, response, now, report);
  if (response.status != 200 && response.status != 409) {
    return error_of_status("send batch", response);
  }
  ROOTLET_TRY(const AnswerOutcome outcome, outbox.apply_answer(identity, batch, text_of(response)));
  switch (outcome) {
    case AnswerOutcome::kReceived:
      report.batches_sent += 1;
      return ok();
    case AnswerOutcome::kNewChain:
      report.lines_quarantined += 1;
      break;
    case AnswerOutcome::kResend:
      report.batches_resent += 1;
      break;
  }
  if (++detours > kMostDetours) {
    return fail(ErrorCode::kFork, "send batch: the platform keeps asking for another line");
  }
  return ok();
}

Result<MailPage> fetch_page(UplinkTransport& transport, const UplinkIdentity& identity,
                            std::uint64_t after) {
  const std::string address = mailbox_address(identity.signing_key->public_key);
  ROOTLET_TRY(const UplinkResponse response, transport.fetch_mail(address, after));
  if (response.status != 200) return error_of_status("read mailbox", response);
  return parse_mail_page(text_of(response));
}

Status apply_page(Outbox& outbox, const UplinkIdentity& identity, const MailPage& page,
                  PushReport& report, UnixTime now) {
  for (const Mail& mail : page.mail) {
    ROOTLET_TRY(const MailOutcome outcome, outbox.apply_mail(identity, mail, now));
    report.mail += 1;
    report.accepted += static_cast<std::size_t>(outcome.accepted);
    report.returned += static_cast<std::size_t>(outcome.returned);
  }
  return ok();
}

}  // namespace

Result<UplinkResponse> HttpUplink::post_batch(ByteView envelope) {
  HttpRequest request;
  request.url = join_url(gateway_url_, "v1/batches");
  request.max_bytes = limits::kReceiptBytes;
  request.body = to_bytes(envelope);
  request.total_time = std::chrono::seconds(3'600);  // a stall ends it much earlier
  ROOTLET_TRY(HttpResponse response, client_.send(request));
  return UplinkResponse{response.status, std::move(response.body), response.retry_after_seconds};
}

Result<UplinkResponse> HttpUplink::fetch_mail(const std::string& address, std::uint64_t after) {
  HttpRequest request;
  request.url = join_url(gateway_url_, "v1/mailbox/" + address + "?after=" + std::to_string(after));
  request.max_bytes = kMailPageBytes;
  request.total_time = std::chrono::seconds(3'600);
  ROOTLET_TRY(HttpResponse response, client_.send(request));
  return UplinkResponse{response.status, std::move(response.body), response.retry_after_seconds};
}

Status push_batches(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
                    UnixTime now, PushReport& report) {
  std::size_t detours = 0;
  std::optional<Error> refusal;
  std::uint64_t refused = 0;  // the sequence of the last batch that was refused
  while (true) {
    ROOTLET_TRY(const std::optional<PendingBatch> batch, outbox.next_pending(refused));
    if (batch) {
      const Status sent = send_one(outbox, identity, transport, *batch, now, report, detours);
      const bool is_refused = sent.has_error() && sent.error().code == ErrorCode::kNotPermitted;
      if (sent.has_error() && !is_refused) return sent;
      if (refusal && !is_refused) return *refusal;  // it takes later ones: the order must hold
      if (!is_refused) continue;
      refusal = sent.error();
      refused = batch->sequence;
      continue;
    }
    ROOTLET_TRY(const std::size_t sealed, outbox.seal_next_batch(identity, now));
    if (sealed == 0) return refusal ? Status(*refusal) : ok();
    report.records_sealed += sealed;
  }
}

Status read_mailbox(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
                    PushReport& report, UnixTime now) {
  bool restarted = false;
  while (true) {
    ROOTLET_TRY(const MailPosition position, outbox.mail_position());
    ROOTLET_TRY(const MailPage page, fetch_page(transport, identity, position.sequence));
    // The platform was restored from an older copy: its mail under this number differs from the one
    // read. Reads from the start, once; applying mail again changes nothing.
    if (position.sequence > 0 && page.seen != position.mark && !restarted) {
      ROOTLET_TRY(outbox.restart_mailbox());
      restarted = true;
      continue;
    }
    ROOTLET_TRY(apply_page(outbox, identity, page, report, now));
    if (!page.more) return ok();
    if (page.mail.empty()) {
      return fail(ErrorCode::kUntrusted, "read mailbox: an empty page that promises more");
    }
  }
}

Status push(Outbox& outbox, const UplinkIdentity& identity, UplinkTransport& transport,
            UnixTime now, PushReport& report) {
  const Status sent = push_batches(outbox, identity, transport, now, report);
  const Status read = read_mailbox(outbox, identity, transport, report);
  return sent.has_error() ? sent : read;
}

}  // namespace rootlet
