// The command that counts values: agent/facets.
#include "agent/facets/facets.hpp"
#include "agent/service/service.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kFilters = 64;
constexpr std::size_t kPurposeBytes = 128;

}  // namespace

Result<json::object> Service::facets(Call& call) {
  FacetRequest request;
  ROOTLET_TRY(request.purpose, call.args.text("purpose", kPurposeBytes));
  ROOTLET_TRY(request.dataset, call.args.text("dataset", limits::kNameBytes));
  ROOTLET_TRY(request.filters, call.args.texts("where", kFilters));
  ROOTLET_TRY(request.columns, call.args.texts("columns", limits::kColumns));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
  return count_facets(*session, call.peer, request, should_stop_);
}

}  // namespace rootlet::agent
