// HTTP in front of the API and the console's door: who may ask, and which request goes where. One
// for each face.
#pragma once

#include "agent/api/console_door.hpp"
#include "agent/api/routes/api.hpp"

namespace rootlet::agent {

class ApiHandler final : public http::Handler {
 public:
  // All must outlive this.
  ApiHandler(Face face, Api& api, ConsoleDoor& door, Doorkeeper& doorkeeper)
      : face_(face), api_(&api), door_(&door), doorkeeper_(&doorkeeper) {}

  http::Plan plan(const http::RequestHead& head) const override;
  http::Reply answer(const http::RequestHead& head, Bytes body) override;

 private:
  http::Reply answer_call(const http::RequestHead& head, ApiRequest request, Bytes body);

  const Face face_;
  Api* api_;
  ConsoleDoor* door_;
  Doorkeeper* doorkeeper_;
};

}  // namespace rootlet::agent
