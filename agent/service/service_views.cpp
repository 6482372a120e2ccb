// The commands of views: agent/views. What a page shows is no read of data, so they name no
// purpose.
#include "agent/service/service.hpp"
#include "agent/views/views.hpp"

namespace rootlet::agent {

Result<json::object> Service::view_save(Call& call) {
  const json::value* view = call.args.find("view");
  ROOTLET_TRY(call.args.finish());
  if (view == nullptr || !view->is_object()) {
    return bad_input("a view must be a JSON object", "view",
                     {.en = "Send {\"member\": value …}.", .zh = "视图应为 JSON 对象。"});
  }
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const std::string id, save_view(office.keys(), call.peer, view->get_object()));
  return json::object{{"id", id}};
}

Result<json::object> Service::view_show(Call& call) {
  ROOTLET_TRY(const std::string id, call.args.text("id", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(json::object view, find_view(office.keys(), call.peer, id));
  return json::object{{"id", id}, {"view", std::move(view)}};
}

}  // namespace rootlet::agent
