// The functions of the routes. Each turns a request into a command of Service, and its answer into
// HTTP; what a command may do, and for whom, is decided there.
#pragma once

#include "agent/api/routes/api.hpp"

namespace rootlet::agent::routes {

#define ROOTLET_ROUTE(name) Result<http::Reply> name(Api& api, ApiAsk& ask)

// session_routes.cpp
ROOTLET_ROUTE(session);
ROOTLET_ROUTE(end_session);
ROOTLET_ROUTE(save_view);
ROOTLET_ROUTE(view);
// agent_routes.cpp
ROOTLET_ROUTE(document);
ROOTLET_ROUTE(status);
ROOTLET_ROUTE(doctor);
ROOTLET_ROUTE(ledger);
ROOTLET_ROUTE(verify_ledger);
ROOTLET_ROUTE(traffic);
ROOTLET_ROUTE(events);
ROOTLET_ROUTE(sync);
ROOTLET_ROUTE(problem);
ROOTLET_ROUTE(metrics);
// row_routes.cpp
ROOTLET_ROUTE(datasets);
ROOTLET_ROUTE(dataset);
ROOTLET_ROUTE(rows);
ROOTLET_ROUTE(row);
ROOTLET_ROUTE(reveal);
ROOTLET_ROUTE(check);
ROOTLET_ROUTE(facets);
ROOTLET_ROUTE(search);
// record_routes.cpp
ROOTLET_ROUTE(forms);
ROOTLET_ROUTE(prefill);
ROOTLET_ROUTE(check_records);
ROOTLET_ROUTE(submit);
ROOTLET_ROUTE(outbox);
ROOTLET_ROUTE(record);
ROOTLET_ROUTE(fix_record);
ROOTLET_ROUTE(receipt);
ROOTLET_ROUTE(drafts);
ROOTLET_ROUTE(save_draft);
ROOTLET_ROUTE(remove_draft);
// watch_routes.cpp
ROOTLET_ROUTE(watches);
ROOTLET_ROUTE(add_watch);
ROOTLET_ROUTE(watch);
ROOTLET_ROUTE(remove_watch);
ROOTLET_ROUTE(see_watch);

// sql_routes.cpp
ROOTLET_ROUTE(sql);
ROOTLET_ROUTE(sql_tables);
ROOTLET_ROUTE(saved_queries);
ROOTLET_ROUTE(save_query);
ROOTLET_ROUTE(forget_query);
// sheet_routes.cpp
ROOTLET_ROUTE(sheets);

#undef ROOTLET_ROUTE

}  // namespace rootlet::agent::routes
