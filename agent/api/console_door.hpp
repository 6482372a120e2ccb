// The door of the console: the page that says how to get in, the address that a ticket opens, and,
// on the office's network, pairing a browser. A browser that is signed in gets the console itself,
// of the files inside the program. The door's own pages are static text in both languages, without
// scripts.
#pragma once

#include "agent/api/door/doorkeeper.hpp"

namespace rootlet::agent {

class ConsoleDoor {
 public:
  ConsoleDoor(const AgentContext& context, Doorkeeper& doorkeeper)
      : context_(&context), doorkeeper_(&doorkeeper) {}

  // "" if `path` is not the door's; else its methods.
  static std::string_view methods(Face face, std::string_view path);
  // Whether another site may link to it: a page, no file of one.
  static bool is_page(std::string_view path);

  // A request that check_site() let pass.
  http::Reply answer(Face face, const http::RequestHead& head, std::string_view path,
                     const Bytes& body);

 private:
  http::Reply front(Face face, const http::RequestHead& head, Language language);
  http::Reply enter(const http::RequestHead& head, std::string_view ticket, Language language);
  http::Reply pair(const http::RequestHead& head, std::string_view code, Language language);
  http::Reply resume(const http::RequestHead& head, Language language);
  http::Reply authority() const;
  // A file of the console, by its path; `instead` if there is none.
  http::Reply file(std::string_view path, const http::RequestHead& head, http::Reply instead) const;
  std::string session_cookie(Face face, std::string_view token) const;

  const AgentContext* context_;
  Doorkeeper* doorkeeper_;
};

}  // namespace rootlet::agent
