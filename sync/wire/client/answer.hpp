// One HTTP answer while it arrives: reads the headers that matter, hands the body on, and says no
// to whatever is beyond the request's bounds. Knows no library and no socket.
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

  // Why we ended the transfer ourselves, if we did.
  const std::optional<Error>& refusal() const { return refusal_; }
  // True if an error's body was longer than anyone needs and the rest was left unread.
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
  std::string date_ = {}, modified_ = {};  // the headers, as they came
  std::optional<std::uint64_t> declared_bytes_ = {};
  std::uint64_t body_bytes_ = 0;
  bool body_began_ = false;
  bool cut_ = false;
  std::optional<Error> refusal_ = {};
};

}  // namespace rootlet
