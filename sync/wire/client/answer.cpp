// Field semantics: RFC 9110. Limits: core/limits.hpp and the request.
#include "sync/wire/client/answer.hpp"

#include <algorithm>
#include <charconv>

#include "sync/wire/client/retry.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kErrorBodyBytes = 64 * limits::kKiB;      // an error page or a refusal
constexpr std::uint64_t kIgnoredBodyBytes = 64 * limits::kKiB;  // of a redirect

bool equal_ignoring_case(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> number_at_start(std::string_view text) {
  std::uint64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{}) return {};
  return value;
}

Error too_large(std::string_view what) {
  return fail(ErrorCode::kUntrusted, std::string(what) + " larger than allowed");
}

}  // namespace

bool Answer::refuse(Error error) {
  refusal_ = std::move(error);
  return false;
}

bool Answer::take_header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > limits::kHttpHeaderBytes) return refuse(too_large("the headers are"));
  if (body_began_) return true;  // trailers of a chunked body are ignored
  if (line == "\r\n" || line == "\n") return end_headers();
  if (line.starts_with("HTTP/")) {
    begin_answer(line);
  } else {
    take_header(line);
  }
  return true;
}

bool Answer::end_headers() {
  // File servers make the ETag from the time of the last change, in whole seconds. If a file
  // changes in the second in which it is sent, such a tag may fit the next version too (RFC
  // 9110, 8.8.1).
  if (!modified_.empty() && modified_ == date_) response_.etag.clear();
  response_.retry_after_seconds = parse_retry_after(retry_after_, date_).value_or(0);
  const bool fits = !is_success() || declared_bytes_.value_or(0) <= request_->max_bytes;
  return fits || refuse(too_large("the answer is"));
}

// "HTTP/1.1 206 Partial Content" begins an answer, also after a redirect or an interim 1xx.
void Answer::begin_answer(std::string_view line) {
  response_ = {};
  date_.clear();
  modified_.clear();
  retry_after_.clear();
  declared_bytes_.reset();
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return;
  const auto status = number_at_start(line.substr(blank + 1));
  response_.status = status && *status < 1000 ? static_cast<int>(*status) : 0;
}

void Answer::take_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (equal_ignoring_case(name, "etag")) response_.etag = value;
  if (equal_ignoring_case(name, "date")) date_ = value;
  if (equal_ignoring_case(name, "last-modified")) modified_ = value;
  if (equal_ignoring_case(name, "retry-after")) retry_after_ = value;
  if (equal_ignoring_case(name, "content-type")) response_.content_type = value;
  if (equal_ignoring_case(name, "content-length")) declared_bytes_ = number_at_start(value);
  if (equal_ignoring_case(name, "content-range") && value.starts_with("bytes ")) {
    response_.range_start = number_at_start(value.substr(6));
  }
}

bool Answer::begin_body() {
  if (body_began_) return true;
  body_began_ = true;
  if (!is_success()) return true;
  if (!request_->on_head) return true;
  const Status accepted = request_->on_head(response_);
  return accepted.has_error() ? refuse(accepted.error()) : true;
}

bool Answer::take_body(ByteView piece) {
  if (!begin_body()) return false;
  if (!is_success()) return take_error_body(piece);
  body_bytes_ += piece.size();
  if (body_bytes_ > request_->max_bytes) return refuse(too_large("the answer is"));
  if (request_->on_data) {
    const Status accepted = request_->on_data(piece);
    return accepted.has_error() ? refuse(accepted.error()) : true;
  }
  response_.body.insert(response_.body.end(), piece.begin(), piece.end());
  return true;
}

bool Answer::take_error_body(ByteView piece) {
  const std::size_t most = std::max(request_->max_bytes, kErrorBodyBytes);
  Bytes& body = response_.body;
  const std::size_t room = std::min(most - std::min(most, body.size()), piece.size());
  body.insert(body.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(room));
  cut_ = piece.size() > room;
  return !cut_;
}

bool Answer::allow_total(std::uint64_t body_bytes) {
  const std::uint64_t most = std::max(request_->max_bytes, kErrorBodyBytes);
  if (body_bytes <= most + kIgnoredBodyBytes) return true;
  if (!cut_ && !refusal_) refuse(too_large("the answer is"));
  return false;
}

bool Answer::end() {
  return begin_body();  // an empty body has a head too
}

}  // namespace rootlet
