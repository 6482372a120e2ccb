// The time format of the Date field (RFC 9110, 5.6.7), independent of the locale.
#pragma once

#include <string>

#include "core/clock.hpp"

namespace rootlet::http {

std::string http_date(UnixTime time);  // Sun, 06 Nov 1994 08:49:37 GMT

}  // namespace rootlet::http
