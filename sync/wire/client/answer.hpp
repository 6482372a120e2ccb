// One HTTP answer while it arrives: reads the header fields that matter, passes the body to the
// receiver, and rejects what exceeds the request's limits. Pure: no library, no socket.
#pragma once

#include <optional>
#include <string_view>

#include "sync/wire/client/http.hpp"

namespace rootlet {

class Answer {
 public:
  // `request` must outlive this.
  explicit Answer(const HttpRequest& request) : request_(&request) {}

  // Each returns false when the transfer must end now.
  bool take_header_line(std::string_view line);
  bool take_body(ByteView piece);
  bool allow_total(std::uint64_t body_bytes);  // everything received, bodies of redirects included
  bool end();                                  // the transfer is complete

  // The reason if this side ended the transfer.
  const std::optional<Error>& refusal() const { return refusal_; }
  // True if the body of an error status was longer than its limit and the rest was not read.
  bool is_cut() const { return cut_; }
  HttpResponse take() { return std::move(response_); }

 private:
  bool is_success() const { return response_.status == 200 || response_.status == 206; }
  bool refuse(Error error);
  void begin_answer(std::string_view line);
  void take_header(std::string_view line);
  bool end_headers();
  bool begin_body();
  bool take_error_body(ByteView piece);

  const HttpRequest* request_;
  HttpResponse response_ = {};
  std::size_t header_bytes_ = 0;
  std::string date_ = {}, modified_ = {}, retry_after_ = {};  // as received
  std::optional<std::uint64_t> declared_bytes_ = {};
  std::uint64_t body_bytes_ = 0;
  bool body_began_ = false;
  bool cut_ = false;
  std::optional<Error> refusal_ = {};
};

}  // namespace rootlet
