// The Date header of RFC 9110 5.6.7, whatever the locale.
#pragma once

#include <string>

#include "core/clock.hpp"

namespace rootlet::platform::gateway {

std::string http_date(UnixTime time);  // Sun, 06 Nov 1994 08:49:37 GMT

}  // namespace rootlet::platform::gateway
