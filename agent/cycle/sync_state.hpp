// The reports of finished cycles, which `status` shows, as facts in keys.db.
#pragma once

#include "agent/office/key_store.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

inline constexpr std::string_view kLastSync = "last_sync";      // the last cycle
inline constexpr std::string_view kLastChange = "last_change";  // the last that changed datasets

// JSON null if none was saved.
Result<json::value> load_report(KeyStore& keys, std::string_view name);
Status save_report(KeyStore& keys, std::string_view name, const json::object& report);

}  // namespace rootlet::agent
