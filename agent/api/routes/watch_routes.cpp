// Watches: what a sync changed among the rows that somebody follows.
#include "agent/api/routes/handlers.hpp"
#include "agent/api/routes/replies.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent::routes {

Result<http::Reply> watches(Api& api, ApiAsk& ask) {
  return answer_list(api, ask, "watch-list", "watches");
}

Result<http::Reply> add_watch(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  return answer_one(api, ask, "watch-add", std::move(body), 201);
}

Result<http::Reply> watch(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(const std::int64_t limit, ask.request.number("limit", 1, limits::kWatchHits, 100));
  return answer_or_404(api, ask, "watch-show", {{"name", ask.named()}, {"limit", limit}}, "name");
}

Result<http::Reply> remove_watch(Api& api, ApiAsk& ask) {
  return answer_or_404(api, ask, "watch-remove", {{"name", ask.named()}}, "name");
}

Result<http::Reply> see_watch(Api& api, ApiAsk& ask) {
  return answer_or_404(api, ask, "watch-seen", {{"name", ask.named()}}, "name");
}

}  // namespace rootlet::agent::routes
