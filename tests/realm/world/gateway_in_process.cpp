#include "tests/realm/world/gateway_in_process.hpp"

#include <unistd.h>

#include "platform/gateway/files.hpp"
#include "platform/gateway/route.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {
namespace {

GatewayReply file_reply(const std::filesystem::path& repository, std::vector<std::string> segments,
                        const GatewayRequest& request) {
  const platform::FileAnswer file =
      platform::answer_file(repository, {.segments = std::move(segments),
                                         .if_none_match = request.if_none_match,
                                         .range = request.range,
                                         .if_range = request.if_range});
  GatewayReply reply{.status = file.status};
  if (!file.etag.empty()) reply.headers.emplace_back("ETag", file.etag);
  if (!file.content_range.empty()) reply.headers.emplace_back("Content-Range", file.content_range);
  reply.body.resize(file.length);
  if (file.length == 0) return reply;
  const auto read = ::pread(file.file.get(), reply.body.data(), reply.body.size(),
                            static_cast<off_t>(file.offset));
  REQUIRE(read == static_cast<ssize_t>(reply.body.size()));
  return reply;
}

GatewayReply call_reply(platform::ApiReply reply) {
  return {.status = reply.status,
          .headers = {{"Content-Type", reply.content_type}},
          .body = std::move(reply.body),
          .retry_after_seconds = reply.retry_after_seconds};
}

}  // namespace

GatewayReply answer_in_process(const std::filesystem::path& repository, platform::GatewayApi& api,
                               const GatewayRequest& request) {
  platform::Route route = platform::route_of(request.target);
  if (route.verb == platform::Verb::kNone) return {};
  if (platform::methods_of(route.verb).find(request.method) == std::string_view::npos) {
    return {.status = 405};
  }
  switch (route.verb) {
    case platform::Verb::kFile:
      return file_reply(repository, std::move(route.segments), request);
    case platform::Verb::kEnroll:
      return call_reply(api.enroll(request.body));
    case platform::Verb::kBatch:
      return call_reply(api.batch(request.body));
    case platform::Verb::kMailbox:
      return call_reply(api.mailbox(route.address, route.after));
    default:
      return call_reply(api.status());
  }
}

}  // namespace rootlet::test
