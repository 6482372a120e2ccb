// What a witness found, as text in both languages and as JSON. Pure.
#pragma once

#include "core/format/json.hpp"
#include "platform/witness/exchange.hpp"
#include "platform/witness/watch.hpp"

namespace rootlet::platform {

Text words_of(const WatchRound& round, const std::string& url);
json::object to_json(const WatchRound& round, const fs::path& folder, const std::string& url);

Text words_of(const ExchangeReport& report);
json::object to_json(const ExchangeReport& report);

}  // namespace rootlet::platform
