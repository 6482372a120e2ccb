#include "tests/realm/world/link.hpp"

#include <algorithm>

#include "sync/wire/client/answer.hpp"

namespace rootlet::test {
namespace {

constexpr std::uint64_t kRequestBytes = 100;  // of a request line and its headers, about
constexpr std::chrono::seconds kLongestDelay = std::chrono::minutes(10);

Error unreachable(const char* why) {
  return fail(ErrorCode::kUnreachable, std::string("the link: ") + why);
}

std::string target_of(const std::string& url) {
  return url.substr(url.find('/', url.find("//") + 2));
}

GatewayRequest gateway_request(const HttpRequest& request) {
  GatewayRequest out{.method = request.body ? "POST" : "GET",
                     .target = target_of(request.url),
                     .if_none_match = request.if_none_match,
                     .if_range = request.if_range,
                     .body = request.body.value_or(Bytes{})};
  if (request.range_from || request.range_to) {
    out.range = "bytes=" + std::to_string(request.range_from.value_or(0)) + "-" +
                (request.range_to ? std::to_string(*request.range_to) : "");
  }
  return out;
}

}  // namespace

// Keeps the promises of HttpClient::send.
class LinkClient final : public HttpTransport {
 public:
  explicit LinkClient(Link& link) : link_(&link) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    if (stopped_) return unreachable("stopped");
    GatewayRequest sent = gateway_request(request);
    const std::string path = sent.target.substr(1, sent.target.find('?') - 1);
    link_->asked.push_back(path);
    traffic_.requests += 1;
    traffic_.bytes_up += kRequestBytes + sent.body.size();
    const Link::Fault fault = link_->draw();
    if (link_->is_down || fault == Link::Fault::kCut) return unreachable("cut");
    if (fault == Link::Fault::kCorruptedRequest) link_->flip_a_bit(sent.body);
    GatewayReply reply = link_->reply_to(path, sent);
    if (fault == Link::Fault::kDoubled) reply = link_->reply_to(path, sent);
    if (fault == Link::Fault::kLostAnswer) return unreachable("the answer is lost");
    if (fault == Link::Fault::kDelayed && is_too_late(request)) return unreachable("too slow");
    if (fault == Link::Fault::kCorruptedAnswer) link_->flip_a_bit(reply.body);
    if (fault == Link::Fault::kTruncatedAnswer) {
      reply.body.resize(link_->below(reply.body.size()));
    }
    std::size_t carried = link_->cut_after > 0 ? link_->cut_after : reply.body.size() + 1;
    if (fault == Link::Fault::kBrokenAnswer) carried = link_->below(reply.body.size());
    return deliver(path, request, reply, carried);
  }
  const Traffic& traffic() const override { return traffic_; }
  void stop() override { stopped_ = true; }

 private:
  bool is_too_late(const HttpRequest& request) {
    const std::chrono::seconds delay(
        link_->below(static_cast<std::uint64_t>(kLongestDelay.count())));
    link_->clock_->pass(std::min(delay, request.total_time));
    return delay > request.total_time;
  }

  // At most `carried` bytes of the body; an answer of more than that breaks off there.
  Result<HttpResponse> deliver(const std::string& path, const HttpRequest& request,
                               const GatewayReply& reply, std::size_t carried) {
    Answer answer(request);
    const auto take_line = [&](const std::string& line) {
      return answer.take_header_line(line + "\r\n");
    };
    bool goes_on = take_line("HTTP/1.1 " + std::to_string(reply.status) + " Answer");
    for (const auto& [name, value] : reply.headers) {
      goes_on = goes_on && take_line(name + ": " + value);
    }
    goes_on = goes_on && take_line("Content-Length: " + std::to_string(reply.body.size())) &&
              take_line("");
    const std::size_t whole = reply.body.size();
    for (std::size_t at = 0; goes_on && at < std::min(whole, carried);) {
      const std::size_t count = std::min({link_->piece, whole - at, carried - at});
      goes_on = !stopped_ && answer.take_body(ByteView(reply.body).subspan(at, count)) &&
                answer.allow_total(at + count);
      at += count;
      traffic_.bytes_down += count;
      link_->bytes_sent[path] += count;
    }
    const bool broken = whole > 0 && carried < whole;
    if (goes_on && !broken) answer.end();
    if (stopped_) return unreachable("stopped");
    if (answer.refusal()) return within("read " + path + " from the link", *answer.refusal());
    if (broken && !answer.is_cut()) return unreachable("broke off");
    HttpResponse response = answer.take();
    response.retry_after_seconds = reply.retry_after_seconds;
    return response;
  }

  Link* link_;
  Traffic traffic_;
  std::atomic<bool> stopped_ = false;
};

std::unique_ptr<HttpTransport> Link::connect() {
  return std::make_unique<LinkClient>(*this);
}

std::size_t Link::times_asked(const std::string& path) const {
  return static_cast<std::size_t>(std::count(asked.begin(), asked.end(), path));
}

std::size_t Link::times_asked_below(const std::string& folder) const {
  return static_cast<std::size_t>(std::count_if(asked.begin(), asked.end(), [&](const auto& path) {
    return path.starts_with(folder + "/");
  }));
}

void Link::forget() {
  asked.clear();
  bytes_sent.clear();
  faults_met = 0;
}

Link::Fault Link::draw() {
  const std::pair<int, Fault> chances[] = {
      {faults.cut, Fault::kCut},
      {faults.lost_answer, Fault::kLostAnswer},
      {faults.broken_answer, Fault::kBrokenAnswer},
      {faults.truncated_answer, Fault::kTruncatedAnswer},
      {faults.corrupted_answer, Fault::kCorruptedAnswer},
      {faults.corrupted_request, Fault::kCorruptedRequest},
      {faults.doubled, Fault::kDoubled},
      {faults.delayed, Fault::kDelayed},
  };
  auto left = static_cast<int>(below(1000));
  for (const auto& [per_thousand, fault] : chances) {
    left -= per_thousand;
    if (left >= 0) continue;
    faults_met += 1;
    return fault;
  }
  return Fault::kNone;
}

void Link::flip_a_bit(Bytes& bytes) {
  if (!bytes.empty()) bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1U << below(8));
}

GatewayReply Link::reply_to(const std::string& path, const GatewayRequest& request) const {
  if (has_nothing || missing.contains(path)) return {};
  GatewayReply reply = gateway_(request);
  const auto lie = lies.find(path);
  if (lie == lies.end()) return reply;
  reply.status = 200;  // the whole file, whatever part of it the client asked for
  std::erase_if(reply.headers, [](const auto& header) { return header.first == "Content-Range"; });
  reply.body = lie->second;
  return reply;
}

}  // namespace rootlet::test
