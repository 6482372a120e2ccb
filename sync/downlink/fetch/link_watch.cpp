// Counts of what went wrong in a row; each answer in good time starts them anew.
#include "sync/downlink/fetch/link_watch.hpp"

namespace rootlet {

bool CrawlMeter::crawls(std::uint64_t bytes, std::chrono::milliseconds now) {
  bytes_ += bytes;
  const std::chrono::milliseconds time = now - began_;
  if (time < rule_.time) return false;
  const bool slow =
      bytes_ * 1000 < rule_.bytes_per_second * static_cast<std::uint64_t>(time.count());
  began_ = now;
  bytes_ = 0;
  return slow;
}

Result<FileReply> LinkWatch::get(const FileRequest& request) {
  bool began = false, crawled = false;
  CrawlMeter meter(rule_, clock_->since_boot());
  FileRequest watched = request;
  watched.on_start = [&](std::uint64_t offset) -> Status {
    began = true;
    meter = CrawlMeter(rule_, clock_->since_boot());
    return request.on_start ? request.on_start(offset) : ok();
  };
  watched.on_data = [&](ByteView piece) -> Status {
    if (request.on_data) {
      ROOTLET_TRY(request.on_data(piece));
    }
    crawled = meter.crawls(piece.size(), clock_->since_boot());
    if (!crawled) return ok();
    return fail(ErrorCode::kUnreachable,
                request.path + ": less than " + std::to_string(rule_.bytes_per_second) +
                    " bytes per second arrive; what has arrived is kept, and the next sync goes on "
                    "from there");
  };
  Result<FileReply> reply = source_->get(watched);
  note(reply, began, crawled);
  return reply;
}

void LinkWatch::note(const Result<FileReply>& reply, bool began, bool crawled) {
  const bool failed = reply.has_error() && reply.error().code == ErrorCode::kUnreachable;
  unanswered_ = failed && !began ? unanswered_ + 1 : 0;
  crawls_ = crawled ? crawls_ + 1 : 0;
  must_wait_ = must_wait_ || (failed && reply.error().retry_after_seconds > 0);
}

std::string_view LinkWatch::reason() const {
  if (must_wait_) return "the server asked to come back later";
  return crawls_ >= 2 ? "the server is too slow" : "the link is down";
}

}  // namespace rootlet
